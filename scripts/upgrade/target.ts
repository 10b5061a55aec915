import { UserError } from "../errors.ts";
import type { Git } from "./git.ts";
import { readTextIn, readTree } from "./tree.ts";

/** Where upstream's branches and tags are while an upgrade runs. Nothing of the person's own is named there. */
const room = "refs/upgrade";

/**
 * Fetches all of upstream's branches and releases into a room of its own.
 * @throws UserError if it cannot be reached.
 */
export async function fetchUpstream(git: Git, from: string): Promise<void> {
  await forgetUpstream(git);
  try {
    await git.run([
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-recurse-submodules",
      "--end-of-options",
      from,
      `+HEAD:${room}/head`,
      `+refs/heads/*:${room}/heads/*`,
      `+refs/tags/v*:${room}/tags/v*`,
    ]);
  } catch (error) {
    throw new UserError(
      `Upstream cannot be fetched from ${from}: ${(error as Error).message}\nIs the address right, and may you read it? Give another one with --from <url or path>.`,
    );
  }
}

/** Takes the names of upstream's branches and tags away again. What was merged stays. */
export async function forgetUpstream(git: Git): Promise<void> {
  const names = await git.read(["for-each-ref", "--format=delete %(refname)", `${room}/`]);
  if (names !== "") await git.run(["update-ref", "--stdin"], { input: `${names}\n` });
}

/**
 * The commit to upgrade to.
 * @param to tag, version, branch or commit of upstream; default: the newest release, else the newest commit.
 * @throws UserError for one that upstream has not.
 */
export async function findTarget(git: Git, to: string | undefined): Promise<string> {
  if (to === undefined) {
    const newest = (await listReleases(git))[0];
    const commit = await git.findCommit(newest ? `${room}/tags/${newest}` : `${room}/head`);
    if (commit === undefined) throw new UserError("Upstream has no commit.");
    return commit;
  }
  const names = [`${room}/tags/${to}`, `${room}/tags/v${to}`, `${room}/heads/${to}`];
  for (const name of names) {
    const commit = await git.findCommit(name);
    if (commit !== undefined) return commit;
  }
  const commit = /^[0-9a-f]{7,40}$/.test(to) ? await git.findCommit(to) : undefined;
  if (commit !== undefined && (await isUpstreams(git, commit))) return commit;
  const releases = (await listReleases(git)).slice(0, 5).join(", ");
  throw new UserError(
    `--to: upstream has no release, branch or commit ${to}. ${releases ? `Its newest releases: ${releases}.` : "It has no releases: give a commit, or leave --to out."}`,
  );
}

/** Whether upstream has a commit on a branch or in a release. */
export async function isUpstreams(git: Git, commit: string): Promise<boolean> {
  return (await git.read(["for-each-ref", "--count=1", `--contains=${commit}`, `${room}/`])) !== "";
}

/** The commit of a released version; `undefined` if upstream has no such release. */
export function findRelease(git: Git, version: string): Promise<string | undefined> {
  return git.findCommit(`${room}/tags/v${version}`);
}

/** Names of releases, newest first; what comes before a release, as in `v2.0.0-rc.1`, is none. */
async function listReleases(git: Git): Promise<string[]> {
  const names = await git.read(["for-each-ref", "--format=%(refname:lstrip=3)", `${room}/tags/`]);
  return names
    .split("\n")
    .filter((name) => /^v\d+\.\d+\.\d+$/.test(name))
    .sort((one, other) => other.localeCompare(one, "en", { numeric: true }));
}

/** The version that a commit of upstream says it is. */
export async function readVersionAt(git: Git, commit: string): Promise<string> {
  const text = await readTextIn(git, await readTree(git, commit), "package.json");
  const found = /"version":\s*"(\d+\.\d+\.\d+(?:-[\w.-]+)?)"/.exec(text ?? "")?.[1];
  if (found !== undefined) return found;
  throw new UserError(
    `Commit ${commit} has no package.json with a version: this is not the upstream of this server. Give the right address with --from.`,
  );
}
