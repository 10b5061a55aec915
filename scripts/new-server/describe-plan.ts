import type { FileChange } from "./apply-changes.ts";
import type { DeployedStacks } from "./deployed-stacks.ts";
import type { GitState } from "./git-state.ts";
import type { ServerRequest } from "./plan-server.ts";

/** The plan in words, for the person who is asked. */
export function describeNewServer(
  { identity, project, upstream, isAgain, keepSample }: ServerRequest,
  changes: readonly FileChange[],
  { notChecked }: DeployedStacks,
  git: GitState | undefined,
): string {
  const written = changes.filter(({ text }) => text !== undefined).map(({ path }) => path);
  const removed = changes.filter(({ text }) => text === undefined).map(({ path }) => path);
  const { from, version, commit } = upstream;
  const source = commit === undefined ? version : `${version}, ${commit.slice(0, 12)}`;
  return [
    `This checkout becomes the server ${identity.name}: ${identity.title}.`,
    ...(isAgain ? ["It is a server of its own already, so only its names change."] : []),
    "",
    `  Project and stacks  ${project === identity.name ? `${project}, as it is` : `${project} -> ${identity.name}`}`,
    `  Title               ${identity.title}`,
    `  Upstream            ${from} (${source})`,
    ...(isAgain ? [] : [`  Sample              ${keepSample ? "stays" : "is taken out"}`]),
    "",
    `Written (${written.length}):`,
    ...written.map((path) => `  ${path}`),
    ...(removed.length === 0 ? [] : ["", `Removed (${removed.length}):`]),
    ...removed.map((path) => `  ${path}`),
    "",
    ...(notChecked === undefined
      ? []
      : [
          `Not checked: whether a stack of ${project} is deployed somewhere (${notChecked}). Its Worker, its URL and its data would still be under the former name.`,
        ]),
    ...(git === undefined
      ? [
          "There is no Git repository with a commit here, so nothing could bring a removed file back. `git init && git add -A && git commit -m Start` makes one first.",
        ]
      : []),
  ].join("\n");
}

export function describeNextSteps(
  { identity, isAgain }: ServerRequest,
  git: GitState | undefined,
): string {
  const commit = `git add -A && git commit -m ${JSON.stringify(`Make it ${identity.title}`)}`;
  return [
    `This is ${identity.title} now.`,
    "",
    "Next:",
    `  ${git === undefined ? `git init && ${commit}` : commit}`,
    "  npm start                   serves it at http://localhost:8787/",
    ...(isAgain ? [] : ["  npm run new:tool -- <name>  adds a tool"]),
    "  npm run test:mine           tests what is yours",
  ].join("\n");
}
