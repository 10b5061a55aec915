import { tellError, UserError } from "../../errors.ts";
import { GitHub } from "../../github/client.ts";
import { type Placed, putComment } from "../../github/comment.ts";
import { isOpenPullRequest, listOpenPullRequests } from "../../github/pull-requests.ts";
import { type CommentParts, formatComment, marker } from "./comment.ts";
import { type OpenPullRequest, toStackName } from "./pull-request.ts";
import type { SweepRequest } from "./sweep.ts";
import type { Preview } from "./tags.ts";

/** Variables of a GitHub workflow. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Makes a preview, and says so in the pull request's comment at GitHub; if it fails, that too.
 * @param report writes down what was done: before GitHub is told, which may fail.
 * @throws UserError as `up`; before anything is done if a variable for GitHub is missing or wrong.
 */
export async function commentUp(
  pullRequest: number,
  up: () => Promise<CommentParts>,
  report: (parts: CommentParts) => Promise<void>,
  environment: Environment = process.env,
): Promise<void> {
  const github = new GitHub({ environment });
  let parts: CommentParts;
  try {
    parts = await up();
  } catch (error) {
    const markdown = formatFailure(pullRequest, environment);
    await putComment(github, pullRequest, { marker, markdown }).catch((second: unknown) => {
      // What failed first is what somebody must know; it is thrown.
      console.error(`Nor could that be said at the pull request: ${tellError(second)}`);
    });
    throw error;
  }
  await report(parts);
  const markdown = formatComment(parts);
  const placed = await putComment(github, pullRequest, { marker, markdown }).catch(
    (error: unknown) => {
      throw new UserError(
        `${parts.stack} is deployed at ${parts.deployment.url}; only the comment is missing. ${tellError(error)} To write it, run the same command again.`,
      );
    },
  );
  tellPlace(placed);
}

/**
 * Removes a preview, and says so in the pull request's comment, if it has one.
 * @throws UserError as `down`; before anything is done if a variable for GitHub is missing or wrong.
 */
export async function commentDown(
  pullRequest: number,
  down: () => Promise<boolean>,
  environment: Environment = process.env,
): Promise<boolean> {
  const github = new GitHub({ environment });
  const isRemoved = await down();
  await commentRemoved(github, pullRequest, "The pull request is closed, or somebody removed it.");
  return isRemoved;
}

/** Says that a preview is gone, if a comment says that it is there. @throws UserError of the client. */
async function commentRemoved(github: GitHub, pullRequest: number, why: string): Promise<void> {
  const markdown = [
    `## Preview ${toStackName(pullRequest)} is removed`,
    "",
    `${why} Nothing of it is left in the account. To make it again: push, or \`npm run mcp -- preview up --pr ${pullRequest}\`.`,
    "",
  ].join("\n");
  tellPlace(await putComment(github, pullRequest, { marker, markdown }, { makes: false }));
}

/** Without the reason: whoever reads a comment may not be one who may read the log. */
function formatFailure(pullRequest: number, environment: Environment): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = environment;
  const { GITHUB_RUN_ID: run } = environment;
  const log =
    server && repository && run
      ? `[The run's log](${server}/${repository}/actions/runs/${run}) says`
      : "The run's log says";
  return [
    `## ❌ Preview ${toStackName(pullRequest)}: the last push could not be deployed`,
    "",
    `${log} why, what is left and how to continue. A preview of an earlier push may still answer.`,
    "",
  ].join("\n");
}

/** On the standard error: a result for a program goes to the standard output. */
function tellPlace(placed: Placed | undefined): void {
  if (placed !== undefined) console.error(`Comment: ${placed.url}`);
}

/**
 * The pull requests that are open at GitHub, asked for after the previews were read: one that was opened
 * in between must not count as closed. Each preview that the list has not is asked for by itself.
 * @throws UserError if GitHub refuses.
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
 * What a sweep asks GitHub, and tells it. @throws UserError if a variable for GitHub is missing or
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
