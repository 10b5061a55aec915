import type { DeclaredStack } from "../stack/declared.ts";
import { compareAddresses } from "./compare-addresses.ts";
import { compareStores } from "./compare-stores.ts";
import { compareWorker } from "./compare-worker.ts";
import { type Decided, nothingDecided } from "./decided.ts";
import type { Difference, NotChecked } from "./difference.ts";
import type { Live } from "./live.ts";

/** Everything that the account has otherwise than the stack says. */
export function compare(
  declared: DeclaredStack,
  live: Live,
  decided: Decided = nothingDecided,
): Difference[] {
  return [
    ...findWorker(declared, live, decided),
    ...compareAddresses(declared, live, decided),
    ...compareStores(declared, live),
  ];
}

function findWorker(declared: DeclaredStack, live: Live, decided: Decided): Difference[] {
  const { worker } = declared;
  if (worker === undefined) {
    return [
      {
        what: "Worker",
        expected: "deployed",
        found: "not in the stack: its last `up` or `destroy` did not come to its end",
        remedy: "`--repair` deploys it, as `npx pulumi up` does.",
        mend: "refresh",
      },
    ];
  }
  if (live.worker !== undefined) return compareWorker(declared, live.worker, decided);
  return [
    {
      what: `Worker ${worker.scriptName}`,
      expected: "deployed",
      found: "missing, with everything its Durable Objects held",
      remedy:
        "`--repair` deploys it again. Connections in KV are still good; people's state is gone.",
      mend: "refresh",
    },
  ];
}

const notDeployed: NotChecked = {
  what: "code, version, secrets and cron triggers",
  reason: "the stack has adopted the Worker, and no `up` has deployed it yet",
};

/** What the token was not allowed to look at, and what the stack's state does not show. */
export function listNotChecked(declared: DeclaredStack, live: Live): NotChecked[] {
  const parts: [string, Live["buckets"] | Live["otherZones"]][] = [
    ["KV namespaces", live.namespaces],
    ["D1 databases", live.databases],
    ["R2 buckets", live.buckets],
    ["Access applications and policies", live.access],
    ["routes of zones that the stack does not use", live.otherZones],
    ...[...live.routes].map(([zone, looked]): [string, Live["otherZones"]] => [
      `routes of the zone ${zone}${declared.zoneIds.includes(zone) ? "" : ", which the stack does not use"}`,
      looked,
    ]),
  ];
  return [
    ...(declared.isDeployed ? [] : [notDeployed]),
    ...declared.notShown,
    ...parts.flatMap(([what, looked]) =>
      "notChecked" in looked ? [{ what, reason: looked.notChecked }] : [],
    ),
  ];
}
