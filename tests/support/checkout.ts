import { execFile, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { compileCache } from "./compile-cache.ts";
import { project, writeFixtureProject } from "./fixture-project.ts";
import { keepTypes, lendTypes } from "./known-types.ts";
import { oneWorker } from "./one-worker.ts";
import { type Ending, Output, Program } from "./program.ts";
import type { TempFolder } from "./temp-folder.ts";

const root = resolve(import.meta.dirname, "../..");

/** What a checkout needs for `npm start`. No `.git`: it must work without. */
const parts = ["infra", "worker", "scripts", "package.json", "ownership.json", "tsconfig.json"];

/** What `npm run lint`, `typecheck`, `docs` and the Worker's tests need besides. */
const partsForTests = [
  "tests",
  "docs",
  "vitest.config.ts",
  "biome.json",
  ".gitignore",
  "package-lock.json",
  ".ci",
  ".devcontainer",
  ".github",
  ".vscode",
  "AGENTS.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "SECURITY.md",
];

/** Folder of installed packages. */
const packages = "node_modules";

/** The same of what only tests drive. */
const packagesApart = join("tests/apart", packages);

/** Copies a part of the project. At once: file by file, Node takes seven times as long. */
function copy(part: string, folder: string): void {
  // Packages are linked: those of `tests/apart` alone are 25,000 files.
  const filter = (path: string) => basename(path) !== packages;
  cpSync(join(root, part), join(folder, part), {
    recursive: true,
    ...(part === "tests" && { filter }),
  });
}

/** A copy of the project that a test may edit. */
export class Checkout implements AsyncDisposable {
  readonly #folder: TempFolder;

  private constructor(folder: TempFolder) {
    this.#folder = folder;
  }

  /**
   * Copies the project under a name of its own and with stacks of its own; the installed packages are shared.
   * @param hasTests whether it can be tested, linted and type-checked, too.
   */
  static async make({ hasTests = false } = {}): Promise<Checkout> {
    const folder = await makeFolder();
    for (const part of [...parts, ...(hasTests ? partsForTests : [])]) copy(part, folder.path);
    await Promise.all([
      writeFixtureProject(folder.path),
      symlink(join(root, packages), join(folder.path, packages)),
    ]);
    // Not everybody has installed those.
    if (hasTests && existsSync(join(root, packagesApart))) {
      await symlink(join(root, packagesApart), join(folder.path, packagesApart));
    }
    const checkout = new Checkout(folder);
    const manifest = await checkout.read("package.json");
    await checkout.write(
      "package.json",
      manifest.replace(/"name": "[^"]*"/, `"name": "${project}"`),
    );
    return checkout;
  }

  /** Path of a file. */
  path(file: string): string {
    return join(this.#folder.path, file);
  }

  /** Text of a file. */
  read(file: string): Promise<string> {
    return readFile(this.path(file), "utf8");
  }

  /** The token of the checkout's local cloud, once it was started. */
  readCloudToken(): Promise<string> {
    return this.read(".cloud/token");
  }

  /** Takes the packages away: what is published has none. */
  async removePackages(): Promise<void> {
    for (const link of [packages, packagesApart]) await rm(this.path(link), { force: true });
  }

  /** Replaces a file. */
  write(file: string, text: string): Promise<void> {
    return writeFile(this.path(file), text);
  }

  /** Changes a part of a file. @throws Error where the part is not there. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const text = await this.read(file);
    if (!text.includes(from)) throw new Error(`${file} does not contain: ${from}`);
    await this.write(file, text.replace(from, to));
  }

  /** Spares what checks types here, such as `npm start` while it serves, what an earlier check found out. */
  lendTypes(): void {
    lendTypes(this.#folder.path);
  }

  /** Runs what `npm start` runs, on a free port unless told otherwise. */
  start(...args: string[]): Program {
    this.lendTypes();
    return this.#run("scripts/start.ts", args);
  }

  /** The same where types are not the subject: checking them takes more than all else that a server does. */
  serve(...args: string[]): Program {
    return this.#run("scripts/start.ts", ["--no-typecheck", ...args]);
  }

  /** Runs what `npm run cloud` runs, on a free port unless told otherwise. */
  startCloud(...args: string[]): Program {
    return this.#run("scripts/cloud.ts", args);
  }

  /**
   * Runs a command as a person at a terminal of the checkout does, to its end. `npm run <script> --`
   * and `npx` are replaced by what they start: the machine may have another npm, or none.
   */
  async runCommand(command: string): Promise<Ending> {
    const { scripts } = JSON.parse(await this.read("package.json")) as {
      scripts: Readonly<Record<string, string>>;
    };
    const expanded = command
      .replace(/^npm run (-s )?([\w:]+)( --)?/, (_, _silent, script: string) => {
        const found = scripts[script];
        if (found === undefined) throw new Error(`package.json has no script "${script}".`);
        return found;
      })
      .replace(/^npx /, "");
    if (/(^|\s)tsc\s/.test(expanded)) this.lendTypes();
    return runShell(expanded, this.#folder.path);
  }

  #run(script: string, args: readonly string[]): Program {
    const environment = {
      PATH: process.env.PATH ?? "",
      HOME: this.#folder.path,
      NODE_COMPILE_CACHE: compileCache,
    };
    const options = args.includes("--port") ? args : [...args, "--port", "0"];
    return new Program(this.path(script), options, environment, this.#folder.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    keepTypes(this.#folder.path);
    await this.#folder[Symbol.asyncDispose]();
  }
}

async function runShell(command: string, cwd: string): Promise<Ending> {
  const bin = join(cwd, "node_modules/.bin");
  const child = spawn("sh", ["-c", command], {
    cwd,
    env: {
      PATH: `${bin}:${process.env.PATH ?? ""}`,
      HOME: cwd,
      NO_COLOR: "1",
      NODE_COMPILE_CACHE: compileCache,
      ...oneWorker,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = [new Output(child.stdout), new Output(child.stderr)];
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/**
 * Makes a folder at a path that earlier checkouts had, too, as Node finds what it has compiled by a file's path.
 * What a killed run left behind is passed over.
 */
async function makeFolder(): Promise<TempFolder> {
  const ofProject = createHash("sha256").update(root).digest("hex").slice(0, 8);
  for (let number = 1; ; number++) {
    const path = join(tmpdir(), `remote-mcp-server-${ofProject}-${number}`);
    const isMade = await mkdir(path, { mode: 0o700 }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") return false;
        throw error;
      },
    );
    if (!isMade) continue;
    return {
      path,
      [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
    };
  }
}

/** Waits for the readiness line and gives back the origin. */
export async function waitUntilReady(program: Program): Promise<string> {
  const [, origin = ""] = await program.waitFor(
    /Ready in .*(http:\/\/(localhost|127\.0\.0\.1):\d+)\//,
  );
  return origin;
}

/** Process ids of a process's children and theirs. */
export async function listDescendants(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
  const pairs = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    pairs.flatMap(([child, ppid]) =>
      child !== undefined && ppid === parent ? [child, ...below(child)] : [],
    );
  return below(pid);
}

/** Whether a process is still there. One that has ended and waits for its parent's attention is not. */
export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-p", String(pid), "-o", "stat="], { encoding: "utf8" });
  const state = stdout.trim();
  return state !== "" && !state.startsWith("Z");
}
