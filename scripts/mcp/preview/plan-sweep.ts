import type { OpenPullRequest } from "./pull-request.ts";
import type { Preview } from "./tags.ts";

/** A preview that is to go, and why. */
export interface Ending {
  readonly preview: Preview;
  readonly reason: "closed" | "expired";
}

/** What a sweep would do. */
export interface SweepPlan {
  readonly ending: readonly Ending[];
  readonly living: readonly Preview[];
}

/**
 * Parts previews into those that go and those that stay.
 * @param open undefined where it is not known which pull requests are open: then only age decides.
 */
export function planSweep(
  previews: readonly Preview[],
  open: readonly OpenPullRequest[] | undefined,
  now: Date,
): SweepPlan {
  const ending: Ending[] = [];
  const living: Preview[] = [];
  for (const preview of previews) {
    const isOpen = open?.some(({ number }) => number === preview.pullRequest) ?? true;
    // One whose expiry cannot be read is left to a person, or to its pull request's end.
    const isExpired = preview.expires !== undefined && preview.expires <= now;
    if (!isOpen) ending.push({ preview, reason: "closed" });
    else if (isExpired) ending.push({ preview, reason: "expired" });
    else living.push(preview);
  }
  return { ending, living };
}
