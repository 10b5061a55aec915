import { GitHub } from "../../github/client.ts";
import { isOpenPullRequest, listOpenPullRequests } from "../../github/pull-requests.ts";
import { commentRemoved } from "./github-comment.ts";
import type { OpenPullRequest } from "./pull-request.ts";
import type { SweepRequest } from "./sweep.ts";
import type { Preview } from "./tags.ts";

/**
 * The pull requests that are open at GitHub, asked for after the previews were read: one that was opened
 * in between must not count as closed. Each preview that the list has not is asked for by itself.
 * @throws UserError where GitHub refuses.
 */
export async function findOpen(
  github: GitHub,
  previews: readonly Preview[],
): Promise<OpenPullRequest[]> {
  const open = new Set(await listOpenPullRequests(github));
  for (const { pullRequest } of previews) {
    if (!open.has(pullRequest) && (await isOpenPullRequest(github, pullRequest))) {
      open.add(pullRequest);
    }
  }
  return [...open].map((number) => ({ number }));
}

/**
 * What a sweep asks GitHub, and tells it. @throws UserError where a variable for GitHub is missing or
 * wrong.
 */
export function askGitHub(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Required<Pick<SweepRequest, "open" | "isOpen" | "onRemoved">> {
  const github = new GitHub({ environment });
  return {
    open: (previews) => findOpen(github, previews),
    isOpen: (pullRequest) => isOpenPullRequest(github, pullRequest),
    onRemoved: ({ preview, reason }) =>
      commentRemoved(
        github,
        preview.pullRequest,
        reason === "closed" ? "The pull request is closed." : "Nobody has pushed for some time.",
      ),
  };
}
