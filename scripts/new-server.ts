/** `npm run new:server`: makes of this checkout a server of the person's own. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify, styleText } from "node:util";
import { projectRoot } from "../infra/bundle.ts";
import { toServerTitle } from "../infra/server-name.ts";
import { ownFeatures } from "../worker/features.ts";
import { offerPath } from "./docs/offer-page.ts";
import { UserError } from "./errors.ts";
import { formatFiles } from "./format-code.ts";
import { applyChanges } from "./new-server/apply-changes.ts";
import { askFor, isSomebodyThere, type ServerQuestion } from "./new-server/ask.ts";
import { findDeployedStacks } from "./new-server/deployed-stacks.ts";
import { describeNewServer, describeNextSteps } from "./new-server/describe-plan.ts";
import { type GitState, readGitState } from "./new-server/git-state.ts";
import { planServer, type ServerRequest, sampleFolders } from "./new-server/plan-server.ts";
import {
  checkIdentity,
  findDescriptionProblem,
  findFromProblem,
  findNameProblem,
  findTitleProblem,
  type ServerIdentity,
  type ServerWords,
} from "./new-server/server-words.ts";
import { readOwnership } from "./ownership/ownership.ts";
import { readUpstream } from "./ownership/upstream.ts";
import { flag, readArguments } from "./read-arguments.ts";
import { runMain } from "./run-main.ts";
import { readProject } from "./stack-file/project.ts";
import { isValueMap } from "./stack-file/read.ts";
import type { Value } from "./stack-file/value.ts";
import { confirmYes } from "./terminal/confirm.ts";

const help = `Turns this checkout into a server of your own: renames it, removes the sample, and adds one small tool.

  npm run new:server -- <name> [options]

  <name>                name of the project, the package and the server: lower case words joined by hyphens
  --title <text>        name for people (default: the name in words)
  --description <text>  one sentence about it
  --from <url>          Git address of upstream, for \`npm run upgrade\` (default: where this was cloned from)
  --keep-sample         leave the sample's tools, resources, prompts and scopes in
  --dry-run             show what would be done, and do nothing
  --yes                 do not ask
  --help                show this

What is missing is asked for at a terminal. It changes only files that are yours (ownership.json), and refuses
when a stack is deployed under the former name, or when Git has changes that are not committed.
`;

/** Name of the project before anybody has made it theirs, as package.json has it too. */
interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly repository?: string | { readonly url?: string };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(help);
    return;
  }
  const root = projectRoot;
  const [{ name: project, config }, git, recorded, ownPackage] = await Promise.all([
    readProject(root),
    readGitState(root),
    readUpstream(root),
    readPackage(root),
  ]);
  refuseChanges(git);
  const isAgain = recorded !== undefined;
  if (!isAgain && !options.keepSample) refuseOwnFeatures(git);
  const from = recorded?.from ?? findUpstream(ownPackage) ?? findTemplate(config) ?? git?.origin;
  // `pulumi new` has given the project its name already.
  const chosen = project === ownPackage.name ? undefined : project;
  const identity = checkIdentity(await fillIn(options, { name: chosen, from }));
  // A project that keeps its name keeps its stacks too.
  const deployed = await findDeployedStacks(root, project);
  if (identity.name !== project) refuseDeployed(deployed.names, project);
  const commit = identity.from === git?.origin ? git.shared : undefined;
  const request: ServerRequest = {
    root,
    identity,
    project,
    ownership: readOwnership(root),
    upstream: recorded ?? { from: identity.from, version: ownPackage.version, commit },
    keepSample: options.keepSample,
    isAgain,
    tools: ownFeatures.tools.map(({ name }) => name),
  };
  const changes = await planServer(request);
  console.log(describeNewServer(request, changes, deployed, git));
  if (options.dryRun) return;
  if (!options.yes) await confirmYes("Do it?", "--yes");
  const written = changes.filter(({ text }) => text !== undefined).map(({ path }) => path);
  const finish = async () => {
    formatFiles(root, written);
    await run(root, "scripts/docs.ts", offerPath);
  };
  await applyChanges(root, changes, finish, [offerPath]);
  console.log(styleText("green", describeNextSteps(request, git)));
}

interface Options extends ServerWords {
  readonly keepSample: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** @returns undefined when help is wanted. @throws UserError for an option that does not exist, or several names. */
function readOptions(args: string[]): Options | undefined {
  const { values, positionals } = readArguments(help, {
    args,
    allowPositionals: true,
    options: {
      title: { type: "string" },
      description: { type: "string" },
      from: { type: "string" },
      "keep-sample": flag,
      "dry-run": flag,
      yes: flag,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const [name, ...more] = positionals;
  if (more.length > 0) {
    throw new UserError(
      `name: a server has one name, and these are ${positionals.length}. Give one; put a title of several words in quotation marks.`,
    );
  }
  const { title, description, from, yes } = values;
  return {
    ...{ name, title, description, from, yes },
    keepSample: values["keep-sample"],
    dryRun: values["dry-run"],
  };
}

/** Fills in what the person did not say: asks for it, or takes the default. */
async function fillIn(
  words: ServerWords,
  known: { readonly name: string | undefined; readonly from: string | undefined },
): Promise<ServerIdentity> {
  const take = async (given: string | undefined, option: string, question: ServerQuestion) => {
    if (given !== undefined) return given;
    if (isSomebodyThere()) return askFor(question);
    if (question.usual !== undefined) return question.usual;
    throw new UserError(
      `${option}: it is not given, and nobody is at this terminal. ${question.message}`,
    );
  };
  const name = await take(words.name, "name", {
    message: "Give the server's name: lower case words joined by hyphens, such as acme-orders.",
    usual: known.name,
    findProblem: findNameProblem,
  });
  // The others are asked for in words that follow from it.
  const problem = findNameProblem(name);
  if (problem !== undefined) throw new UserError(`name: ${problem}`);
  const title = await take(words.title, "--title", {
    message: "What do people call it?",
    usual: toServerTitle(name),
    findProblem: findTitleProblem,
  });
  const description = await take(words.description, "--description", {
    message: "What is it, in one sentence?",
    usual: `${title}, for people and the models that work for them`,
    findProblem: findDescriptionProblem,
  });
  const from = await take(words.from, "--from", {
    message: "Give the Git address of upstream, for `npm run upgrade`.",
    usual: known.from,
    findProblem: findFromProblem,
  });
  return { name, title, description, from };
}

/** @throws UserError when files differ from the last commit: nobody could tell their changes from these. */
function refuseChanges(git: GitState | undefined): void {
  if (git === undefined || git.changed.length === 0) return;
  const shown = git.changed.slice(0, 10);
  const more = git.changed.length - shown.length;
  throw new UserError(
    [
      "There are uncommitted changes here, which could not be told apart from those of this command. Commit them, or put them away with `git stash -u`, then run this again:",
      ...shown.map((line) => `  ${line}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ].join("\n"),
  );
}

/** @throws UserError if the person has features already: they would be removed with the sample. */
function refuseOwnFeatures(git: GitState | undefined): void {
  const own = (git?.added ?? []).filter((path) =>
    sampleFolders.some((folder) => path.startsWith(folder)),
  );
  if (own.length === 0) return;
  throw new UserError(
    [
      "These files are yours already, and would go with the sample. Keep both with --keep-sample, and take out later what you do not want:",
      ...own.map((path) => `  ${path}`),
    ].join("\n"),
  );
}

/** @throws UserError when a stack is deployed: its Worker, its URL and its data hang on the project's name. */
function refuseDeployed(stacks: readonly string[], project: string): void {
  const [stack] = stacks;
  if (stack === undefined) return;
  throw new UserError(
    `name: under the project's name, ${project}, these stacks are deployed: ${stacks.join(", ")}. It determines where their Workers, addresses and data are, so it cannot change. Keep it and change the rest, with \`npm run new:server -- ${project} --title <text>\`; or remove what is deployed first, with \`npm run mcp -- destroy --stack ${stack}\`.`,
  );
}

async function readPackage(root: string): Promise<PackageFile> {
  return JSON.parse(await readFile(join(root, "package.json"), "utf8")) as PackageFile;
}

/** Where the package says that its repository is. */
function findUpstream({ repository }: PackageFile): string | undefined {
  const url = typeof repository === "string" ? repository : repository?.url;
  return url?.replace(/^git\+/, "");
}

/** Where `pulumi new` took the project from: it leaves that in Pulumi.yaml. */
function findTemplate(config: Value | undefined): string | undefined {
  const tags = isValueMap(config) ? config.get("pulumi:tags") : undefined;
  const values = isValueMap(tags) ? tags.get("value") : undefined;
  const template = isValueMap(values) ? values.get("pulumi:template") : undefined;
  return typeof template === "string" ? template : undefined;
}

/** Runs a script of this checkout in a process of its own, which loads what was written meanwhile. */
async function run(root: string, script: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [script, ...args], { cwd: root });
}

await runMain(main);
