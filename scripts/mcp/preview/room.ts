import { freePlan } from "../../../infra/free-plan.ts";
import { keepTold } from "../../terminal/format.ts";
import type { Preview } from "./tags.ts";

export const planNames = ["free", "paid"] as const;

export type AccountPlan = (typeof planNames)[number];

/** How many of each an account may have. https://developers.cloudflare.com/workers/platform/limits/ */
const most: Readonly<
  Record<AccountPlan, { readonly workers: number; readonly kvNamespaces: number }>
> = {
  free: freePlan,
  paid: { workers: 500, kvNamespaces: 1000 },
};

export interface Counts {
  readonly workers: number;
  readonly kvNamespaces: number;
}

/** Previews that a message names. */
const named = 5;

/**
 * Whether the account has room for one more preview. A preview has no cron trigger, so their limit does
 * not concern it.
 * @param plan undefined if nobody named it: the API does not tell. Then it is the free one, unless
 * the account has more Workers than that allows.
 */
export function hasRoom(counts: Counts, plan: AccountPlan | undefined): boolean {
  return findFull(counts, plan).full.length === 0;
}

/** Why there is no room, and what to remove. */
export function explainFull(
  counts: Counts,
  plan: AccountPlan | undefined,
  previews: readonly Preview[],
): string {
  const { assumed, full } = findFull(counts, plan);
  const isGuessed = plan === undefined && assumed === "free";
  return keepTold([
    `The account has no room for one more preview: it has ${full.join(" and ")} on the ${assumed} plan. Nothing was made.`,
    isGuessed &&
      "If it is on the paid plan, say so with --plan paid, or the variable CLOUDFLARE_PLAN.",
    describeOldest(previews),
  ]).join("\n");
}

function findFull(counts: Counts, plan: AccountPlan | undefined) {
  const assumed = plan ?? (counts.workers > freePlan.workers ? "paid" : "free");
  const { workers, kvNamespaces } = most[assumed];
  const full = keepTold([
    counts.workers >= workers && `${counts.workers} Workers of ${workers}`,
    counts.kvNamespaces >= kvNamespaces &&
      `${counts.kvNamespaces} KV namespaces of ${kvNamespaces}`,
  ]);
  return { assumed, full };
}

/** Names the previews that were longest without a push, with the command that removes each. */
export function describeOldest(previews: readonly Preview[]): string {
  if (previews.length === 0) {
    return "None of it is a preview: remove a Worker that nobody needs in the dashboard, or a stack with `npm run mcp -- destroy`, which first says what is lost.";
  }
  return [
    "The previews that were longest without a push:",
    ...previews
      .slice(0, named)
      .map(
        ({ pullRequest, expires }) =>
          `  npm run mcp -- preview down --pr ${pullRequest}${expires === undefined ? "" : `   (expires ${expires.toISOString().slice(0, 10)})`}`,
      ),
    "`npm run mcp -- preview sweep` says which are expired.",
  ].join("\n");
}
