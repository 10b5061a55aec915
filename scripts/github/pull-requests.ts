import * as z from "zod";
import { UserError } from "../errors.ts";
import type { GitHub } from "./client.ts";

const pullRequest = z.object({ number: z.int().positive(), state: z.enum(["open", "closed"]) });

/** Numbers of the pull requests that are open, the oldest first. @throws UserError as the client. */
export async function listOpenPullRequests(github: GitHub): Promise<number[]> {
  const purpose = "list the open pull requests";
  const path = `${github.path}/pulls?state=open&sort=created&direction=asc`;
  const read = z.array(pullRequest).safeParse(await github.list(purpose, path));
  if (read.success) return read.data.map(({ number }) => number);
  throw new UserError(
    `GitHub was asked to ${purpose}, and the answer has another form than its API's.`,
  );
}

/**
 * Whether one pull request is open now. A list is read page by page, and one that is closed meanwhile
 * moves another to a page that was read already; so what is to be removed is asked for by itself.
 * @throws UserError as the client.
 */
export async function isOpenPullRequest(github: GitHub, number: number): Promise<boolean> {
  const purpose = `look at pull request ${number}`;
  const { status, data } = await github.call(purpose, `${github.path}/pulls/${number}`, {
    accept: [404],
  });
  // A number that GitHub has not given to a pull request of this repository.
  if (status === 404) return false;
  const read = pullRequest.safeParse(data);
  if (read.success) return read.data.state === "open";
  throw new UserError(
    `GitHub was asked to ${purpose}, and the answer has another form than its API's.`,
  );
}
