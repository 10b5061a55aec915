import { tellError, UserError } from "../../errors.ts";
import { count } from "../admin/format.ts";
import { down } from "./down.ts";
import { type Ending, explainNewLife, partByRepository, planSweep } from "./plan-sweep.ts";
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
  /** Whether a pull request is open at this moment: asked right before its preview is removed. */
  readonly isOpen?: ((pullRequest: number) => Promise<boolean>) | undefined;
  /** Repository for which it is done; previews of others are left alone. Undefined: not known. */
  readonly repository?: string | undefined;
  /** Told of each preview that is removed. What it throws counts as a failure of that preview. */
  readonly onRemoved?: ((removed: Ending) => Promise<void>) | undefined;
  /** Whether to do it; else it is only said what would be done. */
  readonly isMeant: boolean;
  /** Default: this moment. */
  readonly now?: Date;
}

/** @throws UserError that says that it is removed all the same. */
async function tellRemoved(
  removed: Ending,
  why: string,
  onRemoved: SweepRequest["onRemoved"],
): Promise<void> {
  try {
    await onRemoved?.(removed);
  } catch (error) {
    const { pullRequest } = removed.preview;
    throw new UserError(
      `removed, ${why}; only its comment does not say so. ${tellError(error)} To write it: npm run mcp -- preview down --pr ${pullRequest} --comment`,
    );
  }
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
  { open, isOpen, isMeant, onRemoved, repository, now = new Date() }: SweepRequest,
  show: Show,
): Promise<SweepResult> {
  const { previews, strangers } = await listPreviews();
  const { ours, others } = partByRepository(previews, repository);
  const known = typeof open === "function" ? await open(ours) : open;
  const { ending, living } = planSweep(ours, known, now);
  const lines = [
    ...strangers.map((stack) => `${stack} has no preview tag: left alone.`),
    ...others.map((each) => `${each.stack} is a preview of ${each.repository}: left alone.`),
  ];
  const failed: string[] = [];
  const attempt = async (stack: string, act: () => Promise<string>) => {
    try {
      lines.push(`${stack}: ${await act()}`);
    } catch (error) {
      failed.push(`${stack}: ${tellError(error)}`);
    }
  };

  for (const each of ending) {
    const { preview, reason } = each;
    const why = reason === "closed" ? "its pull request is closed" : "it is expired";
    await attempt(preview.stack, async () => {
      if (!isMeant) return `would be removed, ${why}.`;
      let life: string | undefined;
      // Others were removed since it was planned, which may have taken minutes.
      const isRemoved = await down(preview.pullRequest, show, async (fresh) => {
        const isAsked = reason === "closed" && isOpen !== undefined;
        life = explainNewLife(each, fresh, isAsked ? await isOpen(preview.pullRequest) : undefined);
        return life === undefined;
      });
      if (!isRemoved) return life === undefined ? "is gone already." : `stays, ${life}.`;
      await tellRemoved(each, why, onRemoved);
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
