import * as z from "zod";
import { UserError } from "../errors.ts";
import { type GitHub, LostAnswer } from "./client.ts";

/** Characters that a comment may have at GitHub are 65,536. */
const mostCharacters = 65_000;
/** How many times a comment is posted if GitHub's answer is lost. */
const attempts = 3;

const comment = z.object({
  id: z.int(),
  body: z.string().nullish(),
  html_url: z.string(),
  user: z.object({ login: z.string() }).nullable(),
});
type Comment = z.infer<typeof comment>;

/** The one comment on a pull request, found again by its first line. */
export interface Note {
  /** First line, an HTML comment: Markdown does not show it. */
  readonly marker: string;
  /** The text after the marker. It may already begin with the marker. */
  readonly markdown: string;
}

export interface Placed {
  readonly url: string;
}

/**
 * Says something in a pull request's one comment: the first that begins with the marker and was written
 * by the same user as this token's. Others' comments are never touched, whatever they begin with. Runs at the same time end with one comment: each looks once more after it has made
 * one, the oldest stays, and younger ones of the same user are removed.
 * @param makes whether a comment is made if there is none.
 * @returns the comment; undefined if there is none and none is made.
 * @throws UserError as the client.
 */
export async function putComment(
  github: GitHub,
  pullRequest: number,
  { marker, markdown }: Note,
  { makes = true } = {},
): Promise<Placed | undefined> {
  const body = shorten(markdown.startsWith(marker) ? markdown : `${marker}\n${markdown}`);
  // A list may still show comments that are deleted.
  const gone = new Set<number>();
  const find = async (author: string) =>
    (await listOwn(github, pullRequest, author, marker)).filter(({ id }) => !gone.has(id));
  let author = await findAuthor(github);
  for (let attempt = 1; ; attempt += 1) {
    const edited = await editOldest(github, { pullRequest, find: () => find(author), gone }, body);
    if (edited !== undefined || !makes) return edited;
    let made: Comment;
    try {
      made = await create(github, pullRequest, body);
    } catch (error) {
      // It may be there all the same, and then it is found now.
      if (error instanceof LostAnswer && attempt < attempts) continue;
      throw error;
    }
    // A token of another app than GitHub's own does not say beforehand whose it is.
    author = made.user?.login ?? author;
    const stays = await editOldest(github, { pullRequest, find: () => find(author), gone }, body);
    // A list may show a new comment late.
    return stays ?? { url: made.html_url };
  }
}

interface Own {
  readonly pullRequest: number;
  /** Finds them, the oldest first, without those that are gone. */
  readonly find: () => Promise<Comment[]>;
  /** Ids of those that turned out to be deleted. */
  readonly gone: Set<number>;
}

/** Edits the oldest of our comments, and removes younger ones. @returns undefined if there is none. */
async function editOldest(github: GitHub, own: Own, body: string): Promise<Placed | undefined> {
  const { pullRequest, find, gone } = own;
  const [oldest, ...others] = await find();
  if (oldest === undefined) return undefined;
  if (oldest.body !== body) {
    const { status } = await github.call(
      `edit the comment on pull request ${pullRequest}`,
      toPath(github, oldest),
      {
        method: "PATCH",
        body: { body },
        accept: [404],
      },
    );
    // Somebody has deleted it meanwhile: the next one is the oldest now.
    if (status === 404) {
      gone.add(oldest.id);
      return editOldest(github, own, body);
    }
  }
  for (const other of others) {
    await github.call(
      `remove a second comment on pull request ${pullRequest}`,
      toPath(github, other),
      {
        method: "DELETE",
        // Another run was faster.
        accept: [404],
      },
    );
  }
  return { url: oldest.html_url };
}

/** Our comments on a pull request, the oldest first. */
async function listOwn(
  github: GitHub,
  pullRequest: number,
  author: string,
  marker: string,
): Promise<Comment[]> {
  const purpose = `read the comments on pull request ${pullRequest}`;
  const all = await github.list(purpose, `${github.path}/issues/${pullRequest}/comments`);
  const read = z.array(comment).safeParse(all);
  if (!read.success)
    throw new UserError(
      `GitHub was asked to ${purpose}, and the answer has another form than its API's.`,
    );
  return read.data
    .filter(({ body, user }) => user?.login === author && (body ?? "").startsWith(marker))
    .sort((one, other) => one.id - other.id);
}

async function create(github: GitHub, pullRequest: number, body: string): Promise<Comment> {
  const purpose = `comment on pull request ${pullRequest}`;
  const path = `${github.path}/issues/${pullRequest}/comments`;
  const { data } = await github.call(purpose, path, { method: "POST", body: { body } });
  const read = comment.safeParse(data);
  // It is made, and found by its marker.
  if (!read.success)
    throw new LostAnswer(
      `GitHub was asked to ${purpose}, and the answer has another form than its API's.`,
    );
  return read.data;
}

function toPath(github: GitHub, { id }: Comment): string {
  return `${github.path}/issues/comments/${id}`;
}

/**
 * Login of the user as whom this token comments. A workflow's own token may not ask that (403), and
 * comments as GitHub's own app.
 */
async function findAuthor(github: GitHub): Promise<string> {
  const { status, data } = await github.call("say whose token this is", "/user", { accept: [403] });
  const read = z.object({ login: z.string() }).safeParse(data);
  return status === 200 && read.success ? read.data.login : "github-actions[bot]";
}

/** Cuts a text for which GitHub would refuse the comment. */
function shorten(body: string): string {
  if (body.length <= mostCharacters) return body;
  const cut = body.slice(0, body.lastIndexOf("\n", mostCharacters));
  // A block that was cut would swallow the rest.
  const isOpen = (cut.match(/^```/gm) ?? []).length % 2 === 1;
  return `${cut}\n${isOpen ? "```\n" : ""}\nCut here: a comment cannot be longer. The run's log has the rest.\n`;
}
