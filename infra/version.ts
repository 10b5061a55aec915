import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "./bundle.ts";
import type { Annotations } from "./script.ts";

/** Characters of a commit's id that are shown. */
const commitLength = 12;

/** The version of this checkout, which clients see as the server's version. */
export async function readVersion(): Promise<string> {
  const text = await readFile(join(projectRoot, "package.json"), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

/**
 * The commit of this checkout, with `-dirty` if files differ from it; undefined outside of Git.
 */
export async function readCommit(root = projectRoot): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(
      "git",
      ["describe", "--always", "--dirty", "--exclude=*", `--abbrev=${commitLength}`],
      { cwd: root },
    );
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** How the message of every version begins that this stack has uploaded. */
export function startMessage(stack: string): string {
  return `Pulumi stack ${stack}, `;
}

/** The stack that has uploaded a version, by its message; undefined if none has. */
export function readStackName(message: string): string | undefined {
  return /^Pulumi stack ([^\s,]+), /.exec(message)?.[1];
}

/** Where a version of the Worker comes from: the version of the checkout, and its commit. */
export function describeSource(version: string, commit: string | undefined): string {
  return commit === undefined ? version : `${version} ${commit}`;
}

/**
 * What the dashboard says of a version of the Worker.
 * @param repair why the same is uploaded once more. The provider uploads if an input has changed,
 * and of a repair this may be the only one: after a first one nothing of a Durable Object step is left.
 */
export function createAnnotations(stack: string, source: string, repair?: string): Annotations {
  const again = repair === undefined ? "" : `, repair: ${repair}`;
  return { workersMessage: `${startMessage(stack)}version ${source}${again}`, workersTag: source };
}
