import { glob } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { addListEntry, listPath } from "../new-tool/list-entry.ts";
import { planTool } from "../new-tool/tool-plan.ts";
import type { Ownership } from "../ownership/ownership.ts";
import { listPackages, listPackagesOnlyOf } from "../ownership/packages.ts";
import { formatUpstream, type Upstream, upstreamFile } from "../ownership/upstream.ts";
import { readText } from "../stack-file/project.ts";
import type { FileChange } from "./apply-changes.ts";
import { writeIcon } from "./icon.ts";
import { writeReadme } from "./readme.ts";
import { renameLock, renamePackage, renameProject, renameStackFile } from "./rename.ts";
import type { ServerIdentity } from "./server-words.ts";
import {
  firstTool,
  nameScope,
  writeClientTest,
  writeFirstTool,
  writeLists,
  writeScopeLine,
} from "./starter.ts";

export interface ServerRequest {
  /** Top of the checkout. */
  readonly root: string;
  readonly identity: ServerIdentity;
  /** Name of the project so far, which may have come from `pulumi new`. */
  readonly project: string;
  readonly ownership: Ownership;
  readonly upstream: Upstream;
  /** Leaves the sample's tools, resources, prompts and scopes in. */
  readonly keepSample: boolean;
  /** The checkout is a server of its own already, and gets other names alone. */
  readonly isAgain: boolean;
  /** Names of the tools that stay. */
  readonly tools: readonly string[];
}

/** Folders whose files are the sample's until a server has its own. */
export const sampleFolders = [
  "worker/tools/",
  "worker/resources/",
  "worker/prompts/",
  // No stack deploys with migrations of a database that no tool needs.
  "worker/migrations/",
];

/** Tests of what the sample promises. They go even if the sample stays: the README they hold goes too. */
const promiseFolder = "tests/mine/";

/**
 * Everything that makes the checkout a server of its own: only files that are theirs, or keys of theirs in
 * files of both. Nothing is written.
 * @throws UserError for a file of the checkout that has another form than this program knows.
 */
export async function planServer(request: ServerRequest): Promise<FileChange[]> {
  const { identity, upstream, ownership, isAgain } = request;
  const features = isAgain ? [] : await planFeatures(request);
  const changes = [
    ...(await planNames(request, await listUnused(request, features))),
    ...features,
    ...(isAgain
      ? []
      : [
          { path: "worker/pages/icon.svg", text: writeIcon(identity.name) },
          { path: "README.md", text: writeReadme(identity, firstTool) },
          { path: upstreamFile, text: formatUpstream(upstream) },
        ]),
  ];
  const strangers = changes.filter(({ path }) => ownership.isOurs(path));
  if (strangers.length > 0) {
    const paths = strangers.map(({ path }) => path).join(", ");
    throw new Error(`ownership.json says that these are not the server's own: ${paths}`);
  }
  return changes;
}

/** Dependencies that only files import which go or are written again. */
async function listUnused(
  { root }: ServerRequest,
  changes: readonly FileChange[],
): Promise<string[]> {
  const { dependencies = {} } = JSON.parse(await read(root, "package.json")) as PackageFile;
  const changed = new Set(changes.map(({ path }) => path));
  const suspects = listPackagesOnlyOf(root, Object.keys(dependencies), (path) => changed.has(path));
  const written = changes.flatMap(({ text }) => listPackages(text ?? ""));
  return suspects.filter((name) => !written.includes(name));
}

async function planNames(
  { root, identity, project, isAgain }: ServerRequest,
  unused: readonly string[],
): Promise<FileChange[]> {
  const packageText = await read(root, "package.json");
  const { name: packageName, version } = JSON.parse(packageText) as PackageFile;
  const names = { ...identity, version: isAgain ? version : firstVersion, unused };
  // `pulumi new` renames the project alone: its stacks' settings are still under the former name.
  const former = [project, packageName];
  const stackFiles = (await listFiles(root, "Pulumi.*.yaml")).toSorted();
  return [
    {
      path: "Pulumi.yaml",
      text: renameProject(await read(root, "Pulumi.yaml"), identity),
    },
    { path: "package.json", text: renamePackage(packageText, names) },
    {
      path: "package-lock.json",
      text: renameLock(await read(root, "package-lock.json"), names),
    },
    ...(await Promise.all(
      stackFiles.map(async (path) => ({
        path,
        text: renameStackFile(await read(root, path), path, former, identity),
      })),
    )),
  ];
}

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Version of a server that nobody has released yet. */
const firstVersion = "0.1.0";

async function planFeatures(request: ServerRequest): Promise<FileChange[]> {
  const { root, identity, keepSample, tools, ownership } = request;
  const scope = nameScope(identity);
  const tool = planTool({ name: firstTool }, keepSample ? tools : [], [scope]);
  const own = [
    ...writeFirstTool(tool),
    ...(keepSample
      ? [
          { path: listPath, text: addListEntry(await read(root, listPath), tool) },
          { path: scopesPath, text: addScope(await read(root, scopesPath), identity) },
        ]
      : writeLists(tool, identity)),
    writeClientTest(tool),
  ];
  const written = new Set(own.map(({ path }) => path));
  const theirs = (await listFiles(root, "{worker,tests,docs}/**")).filter((path) =>
    ownership.isTheirs(path),
  );
  const unused = theirs.filter(
    (path) =>
      path.startsWith(promiseFolder) ||
      (!keepSample && sampleFolders.some((folder) => path.startsWith(folder))),
  );
  const gone = [...unused, ...(await listUnlinkedPictures(root, theirs))];
  return [
    ...own,
    ...gone
      .filter((path) => !written.has(path))
      .toSorted()
      .map((path) => ({ path, text: undefined })),
  ];
}

const scopesPath = "worker/scopes.ts";

/** The catalogue with the scope of the first tool at its end. @throws UserError when it has another form. */
function addScope(text: string, identity: ServerIdentity): string {
  const end = /^\}\);$/m;
  if (!text.includes("defineScopes({") || !end.test(text)) {
    throw new UserError(
      `${scopesPath}: the catalogue has another form than this program knows. Write it as \`export const scopes = defineScopes({\`, an entry a line, and \`});\`, then run this again.`,
    );
  }
  return text.replace(end, () => `  ${writeScopeLine(identity)}\n});`);
}

/** Pictures that only the README shows, which goes. */
async function listUnlinkedPictures(root: string, theirs: readonly string[]): Promise<string[]> {
  const pages = await listFiles(root, "docs/**/*.md");
  const texts = await Promise.all(pages.map((page) => read(root, page)));
  return theirs.filter(
    (path) =>
      path.endsWith(".png") && !texts.some((text) => text.includes(path.slice("docs/".length))),
  );
}

async function listFiles(root: string, pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of glob(pattern, { cwd: root, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.push(path.slice(root.length + 1).replaceAll("\\", "/"));
  }
  return found;
}

/** @throws UserError for a file that is not there. */
async function read(root: string, path: string): Promise<string> {
  const text = await readText(join(root, path));
  if (text === undefined) {
    throw new UserError(`${path} is missing. Is this a whole checkout? Bring it back first.`);
  }
  return text;
}
