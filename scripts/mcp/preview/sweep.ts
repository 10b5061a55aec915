import { tellError, UserError } from "../../errors.ts";
import { count } from "../../terminal/format.ts";
import { changeKv } from "../admin/change-kv.ts";
import { readStack } from "../admin/deployed-stack.ts";
import { openServer } from "../admin/open-server.ts";
import { planPurge } from "../admin/purge.ts";
import { readProjectName } from "../stack/backend.ts";
import { toShortName } from "../stack/short-name.ts";
import { holdCheckout } from "./checkout-lock.ts";
import { down } from "./down.ts";
import { writePreviewSettings } from "./preview-settings.ts";
import { listPreviews } from "./previews.ts";
import { isOfAnother, type OpenPullRequest } from "./pull-request.ts";
import type { Show } from "./show.ts";
import type { Preview } from "./tags.ts";

/** Finds the open pull requests, once it is known which previews there are. */
export type FindOpen = (previews: readonly Preview[]) => Promise<readonly OpenPullRequest[]>;

export interface SweepRequest {
  /** Undefined if it is not known which pull requests are open: then only age decides. */
  readonly open?: readonly OpenPullRequest[] | FindOpen | undefined;
  /** Whether a pull request is open at this moment: asked right before its preview is removed. */
  readonly isOpen?: ((pullRequest: number) => Promise<boolean>) | undefined;
  /** Repository for which it is done; previews of others are left alone. Undefined: not known. */
  readonly repository?: string | undefined;
  /** Told of each preview that is removed. What it throws counts as a failure of that preview. */
  readonly onRemoved?: ((removed: Ending) => Promise<void>) | undefined;
  /** Whether to do it, and not only to say what would be done. */
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

export interface SweepResult {
  /** A line each, in order. */
  readonly lines: readonly string[];
  /** Previews for which it failed, a line each with the reason. */
  readonly failed: readonly string[];
}

/**
 * Removes previews that are closed or expired, and the expired OAuth data of the others. One that fails
 * does not stop it.
 * @throws UserError if the backend cannot be read.
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

/** A preview that is to go, and why. */
interface Ending {
  readonly preview: Preview;
  readonly reason: "closed" | "expired";
}

interface SweepPlan {
  readonly ending: readonly Ending[];
  readonly living: readonly Preview[];
}

/** The previews that a sweep for a repository is about, and those of others. */
export function partByRepository(previews: readonly Preview[], own: string | undefined) {
  const others = previews.filter(({ repository }) => isOfAnother(repository, own));
  return { ours: previews.filter((preview) => !others.includes(preview)), others };
}

/**
 * What has happened to a preview since it was planned that it goes, so that it stays; undefined if
 * nothing has.
 * @param fresh the preview, as its tags say now.
 * @param isOpen whether its pull request is open now; undefined if nobody can tell.
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
 * @param open undefined if it is not known which pull requests are open: then only age decides.
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

/**
 * Removes expired OAuth data of a deployed preview, which has no cron trigger to do it.
 * @returns records that were removed.
 * @throws UserError if the account cannot be reached, or the token may not do this.
 */
function purge(stack: string): Promise<number> {
  return holdCheckout(
    toShortName(stack),
    () => {},
    async () => {
      // This names its account, if the variables do not.
      await writePreviewSettings(await readProjectName(), toShortName(stack));
      const quiet = () => {};
      const server = await openServer(await readStack(stack), quiet);
      await planPurge(server, quiet);
      const { deleted } = server.kv;
      if (deleted.length > 0) await changeKv(server.account, { ended: [], deleted }, quiet);
      return deleted.length;
    },
  );
}
