import { count } from "../admin/format.ts";
import { down } from "./down.ts";
import { type Ending, planSweep } from "./plan-sweep.ts";
import { listPreviews } from "./previews.ts";
import type { OpenPullRequest } from "./pull-request.ts";
import { purge } from "./purge.ts";
import type { Show } from "./show.ts";
import type { Preview } from "./tags.ts";

/** Finds the open pull requests, once it is known which previews there are. */
export type FindOpen = (previews: readonly Preview[]) => Promise<readonly OpenPullRequest[]>;

/** What is asked for. */
export interface SweepRequest {
  /** Undefined where it is not known which pull requests are open: then only age decides. */
  readonly open?: readonly OpenPullRequest[] | FindOpen | undefined;
  /** Told of each preview that is removed. What it throws counts as a failure of that preview. */
  readonly onRemoved?: ((removed: Ending) => Promise<void>) | undefined;
  /** Whether to do it; else it is only said what would be done. */
  readonly isMeant: boolean;
  /** Default: this moment. */
  readonly now?: Date;
}

/** What a sweep did, or would do. */
export interface SweepResult {
  /** A line each, in order. */
  readonly lines: readonly string[];
  /** Previews for which it failed, a line each with the reason. */
  readonly failed: readonly string[];
}

/**
 * Removes previews that are closed or expired, and the expired OAuth data of the others. One that fails
 * does not stop it.
 * @throws UserError where the backend cannot be read.
 */
export async function sweep(
  { open, isMeant, onRemoved, now = new Date() }: SweepRequest,
  show: Show,
): Promise<SweepResult> {
  const { previews, strangers } = await listPreviews();
  const known = typeof open === "function" ? await open(previews) : open;
  const { ending, living } = planSweep(previews, known, now);
  const lines = strangers.map((stack) => `${stack} has no preview tag: left alone.`);
  const failed: string[] = [];
  const attempt = async (stack: string, act: () => Promise<string>) => {
    try {
      lines.push(`${stack}: ${await act()}`);
    } catch (error) {
      failed.push(`${stack}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  for (const each of ending) {
    const { preview, reason } = each;
    const why = reason === "closed" ? "its pull request is closed" : "it is expired";
    await attempt(preview.stack, async () => {
      if (!isMeant) return `would be removed, ${why}.`;
      await down(preview.pullRequest, show);
      await onRemoved?.(each);
      return `removed, ${why}.`;
    });
  }
  for (const { stack, url, expires } of living) {
    const until = expires === undefined ? "" : `, until ${expires.toISOString().slice(0, 10)}`;
    await attempt(stack, async () => {
      if (!isMeant || url === undefined) return `stays${until}.`;
      const purged = await purge(stack);
      const what = purged === 0 ? "nothing to purge" : `${count(purged, "expired record")} purged`;
      return `stays${until}; ${what}.`;
    });
  }
  if (lines.length + failed.length === 0) lines.push("There are no previews.");
  else if (!isMeant) {
    lines.push(
      `Dry run: nothing was changed. With --yes this removes ${count(ending.length, "preview")}.`,
    );
  }
  return { lines, failed };
}
