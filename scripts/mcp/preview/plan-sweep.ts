import type { OpenPullRequest } from "./pull-request.ts";
import { isOfAnother } from "./repository.ts";
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

/** The previews that a sweep for a repository is about, and those of others. */
export function partByRepository(previews: readonly Preview[], own: string | undefined) {
  const others = previews.filter(({ repository }) => isOfAnother(repository, own));
  return { ours: previews.filter((preview) => !others.includes(preview)), others };
}

/**
 * What has happened to a preview since it was planned that it goes, so that it stays; undefined where
 * nothing has.
 * @param fresh the preview, as its tags say now.
 * @param isOpen whether its pull request is open now; undefined where nobody can tell.
 */
export function explainNewLife(
  { preview, reason }: Ending,
  fresh: Preview,
  isOpen: boolean | undefined,
): string | undefined {
  // Each push moves the expiry on before it makes anything.
  const isPushed =
    fresh.expires?.getTime() !== preview.expires?.getTime() || fresh.commit !== preview.commit;
  if (isPushed) return "somebody has pushed to it meanwhile";
  if (reason === "closed" && isOpen === true) return "its pull request is open again";
  return undefined;
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
