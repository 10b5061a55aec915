import { UserError } from "../../errors.ts";
import type { Progress } from "../progress.ts";
import { resourceType } from "../stack/declared.ts";
import { showEngineProgress } from "../stack/engine-progress.ts";
import type { ProjectStack } from "../stack/stack.ts";
import type { Difference } from "./difference.ts";
import { type Look, repairTag } from "./look.ts";

/** What a repair will do, in lines; empty where it can do nothing. */
export function planRepair(differences: readonly Difference[]): string[] {
  const does = (mend: Difference["mend"]) => differences.some((each) => each.mend === mend);
  return [
    ...(does("call") ? ["put the cron triggers back"] : []),
    ...(does("upload") ? ["upload the Worker again, with the stack's bindings and settings"] : []),
    ...(does("upload") || does("refresh")
      ? ["run `up --refresh`: make again what is missing, change back what was changed"]
      : []),
  ];
}

/**
 * Refuses a repair that would deploy more than was deployed: the program runs from this checkout.
 * @throws UserError that names what differs.
 */
export async function refuseOtherCode(stack: ProjectStack): Promise<void> {
  const changed = new Set<string>();
  await stack.preview({
    onEvent({ resourcePreEvent }) {
      const metadata = resourcePreEvent?.metadata;
      if (metadata === undefined || !isDeclared(metadata.type)) return;
      // What is missing in the state, an interrupted `up` has left to be made.
      if (!["update", "replace", "delete"].includes(metadata.op)) return;
      const diffs = (metadata.diffs ?? []).filter((name) => !ownToUpload.includes(name));
      if (metadata.op !== "delete" && diffs.length === 0) return;
      const name = metadata.urn.split("::").at(-1) ?? "";
      changed.add(diffs.length === 0 ? name : `${name} (${diffs.join(", ")})`);
    },
  });
  if (changed.size === 0) return;
  throw new UserError(
    `--repair: this checkout or the stack's settings differ from what was deployed: ${[...changed].join("; ")}. A repair would deploy that as well. Deploy it first, with \`npx pulumi up -s ${stack.name} --refresh\`, which mends some of this too; or check out the commit that was deployed.`,
  );
}

/** What belongs to one upload: a version that somebody else made brings them up. */
const ownToUpload: readonly string[] = ["migrations", "annotations"];

function isDeclared(type: string): boolean {
  return type !== resourceType.stash && Object.values<string>(resourceType).includes(type);
}

/**
 * Mends what can be mended. The tag stays until it is done, so that a second run finishes what the
 * first one began.
 * @throws UserError with what the engine or the API reported.
 */
export async function repair(
  stack: ProjectStack,
  { report, declared, explorer }: Look,
  progress: Progress,
): Promise<void> {
  const began = new Date().toISOString();
  await stack.setTags({ [repairTag]: began });
  const onEvent = showEngineProgress(progress);
  const onWait = (who: string) => progress.show(`waiting for ${who}`);
  const { worker, crons } = declared;
  if (worker !== undefined && report.differences.some(({ mend }) => mend === "call")) {
    await explorer.ask("scripts", (client) =>
      client.workers.scripts.schedules.update(worker.scriptName, {
        account_id: explorer.accountId,
        body: crons.map((cron) => ({ cron })),
      }),
    );
  }
  await stack.up({ refresh: true, parts: { repair: began }, onEvent, onWait });
  // The state forgets the reason of the upload: the next preview shows no change.
  await stack.up({ onEvent, onWait });
  await stack.removeTag(repairTag);
  progress.clear();
}
