import type { DeclaredStack } from "../stack/declared.ts";
import { compareTexts } from "./compare-worker.ts";
import type { Decided, Difference } from "./difference.ts";
import type { Live, LiveRoute } from "./live.ts";

/** Custom domains and routes that are missing, changed, or lead to this Worker without the stack's doing. */
export function compareAddresses(
  declared: DeclaredStack,
  live: Live,
  { outside }: Decided,
): Difference[] {
  return [...compareDomains(declared, live, outside), ...compareRoutes(declared, live, outside)];
}

function compareDomains(
  { domains, worker }: DeclaredStack,
  live: Live,
  outside: Decided["outside"],
): Difference[] {
  const missing = domains.flatMap(({ hostname, service }): Difference[] => {
    if (hostname === undefined || service === undefined) return [];
    const held = live.domains.find((each) => each.hostname === hostname);
    if (held?.service === service) return [];
    const what = `custom domain ${hostname}`;
    const expected = `of the Worker ${service}`;
    return held === undefined
      ? [
          {
            what,
            expected,
            found: "missing",
            remedy: "`--repair` makes it again.",
            mend: "refresh",
          },
        ]
      : [
          {
            what,
            expected,
            found: `of the Worker ${held.service}`,
            remedy: `Take it from that Worker first (dashboard, Workers & Pages, ${held.service}, Domains & Routes); then \`--repair\`.`,
            mend: "person",
          },
        ];
  });
  const known = domains.map(({ hostname }) => hostname);
  // One whose name the state hides may be any of them.
  const seen = known.includes(undefined) ? [] : live.domains;
  const added = seen
    .filter(({ hostname, service }) => service === worker?.scriptName && !known.includes(hostname))
    .filter(({ hostname }) => !outside.includes(`domain ${hostname}`))
    .map(
      ({ hostname }): Difference => ({
        what: `custom domain ${hostname}`,
        expected: "none",
        found: "leads to this Worker, added by somebody",
        remedy: `Remove it in the dashboard (Workers & Pages, ${worker?.scriptName}, Domains & Routes), or set customDomain. If it is to stay beside the stack, name it in adopted.outside.`,
        mend: "person",
      }),
    );
  return [...missing, ...added];
}

function compareRoutes(
  { routes, worker }: DeclaredStack,
  live: Live,
  outside: Decided["outside"],
): Difference[] {
  const changed = routes.flatMap(({ id: ownId, zoneId, pattern, script }): Difference[] => {
    const looked = zoneId === undefined ? undefined : live.routes.get(zoneId);
    if (pattern === undefined || looked === undefined || "notChecked" in looked) return [];
    const found = looked.found.find(({ id }) => id === ownId);
    const what = `route ${pattern}`;
    if (found === undefined) return compareLostRoute(what, { pattern, script }, looked.found);
    return [
      ...compareTexts(what, pattern, found.pattern, "`--repair` changes it back.", "refresh"),
      ...compareTexts(
        what,
        `to the Worker ${script}`,
        found.script === undefined ? "to no Worker" : `to the Worker ${found.script}`,
        "`--repair` changes it back.",
        "refresh",
      ),
    ];
  });
  const known = new Set(routes.map(({ id }) => id));
  const patterns = new Set(routes.map(({ pattern }) => pattern));
  const added = [...live.routes].flatMap(([zone, looked]) =>
    ("found" in looked ? looked.found : [])
      .filter(({ id, script, pattern }) => {
        return script === worker?.scriptName && !known.has(id) && !patterns.has(pattern);
      })
      .filter(({ pattern }) => !outside.includes(`route ${pattern}`))
      .map(
        ({ pattern }): Difference => ({
          what: `route ${pattern}`,
          expected: "none",
          found: "leads to this Worker, added by somebody",
          remedy: `Delete it in the dashboard (the zone ${zone}, Workers Routes), or add it to the setting routes. If it is to stay beside the stack, name it in adopted.outside.`,
          mend: "person",
        }),
      ),
  );
  return [...changed, ...added];
}

/** The pattern may be there under another id: Cloudflare would refuse to make it a second time. */
function compareLostRoute(
  what: string,
  { pattern, script }: { readonly pattern: string; readonly script?: string | undefined },
  found: readonly LiveRoute[],
): Difference[] {
  const expected = `to the Worker ${script}`;
  const other = found.find((each) => each.pattern === pattern);
  if (other === undefined) {
    return [
      { what, expected, found: "missing", remedy: "`--repair` makes it again.", mend: "refresh" },
    ];
  }
  return [
    {
      what,
      expected,
      found: `another route of this pattern, ${other.script === undefined ? "to no Worker" : `to the Worker ${other.script}`}`,
      remedy:
        "Somebody deleted the stack's route and made another. Delete that one in the dashboard (the zone, Workers Routes); then `--repair`.",
      mend: "person",
    },
  ];
}
