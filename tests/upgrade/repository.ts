import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../infra/bundle.ts";
import { upstreamFile } from "../../scripts/ownership/upstream.ts";
import { makeTempFolder, type TempFolder } from "../support/temp-folder.ts";

/** Git as on a machine that has no settings of anybody's. */
const environment = {
  PATH: process.env.PATH ?? "",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.com",
};

/** Folders that are in no commit, and cost a copy most: packages alone are 25,000 files in `tests/apart`. */
const notCommitted = new Set(["node_modules", ".git", ".dev", ".cloud", ".build", "coverage"]);

function isCommitted(path: string): boolean {
  return !notCommitted.has(basename(path));
}

/** A repository of a test, gone with its scope. */
export class Repository implements AsyncDisposable {
  readonly #folder: TempFolder;

  private constructor(folder: TempFolder) {
    this.#folder = folder;
  }

  /** An empty one. */
  static async make(): Promise<Repository> {
    const repository = new Repository(await makeTempFolder());
    await repository.git("init", "--quiet", "--initial-branch=main");
    await repository.#settle();
    return repository;
  }

  /** One with these files as its first commit. */
  static async of(files: Readonly<Record<string, string>>): Promise<Repository> {
    const repository = await Repository.make();
    await repository.commit("Start", files);
    return repository;
  }

  /** One with all of this project's files as its first commit, at version 1.0.0. */
  static async ofProject(): Promise<Repository> {
    const repository = await Repository.make();
    await cp(projectRoot, repository.path, {
      recursive: true,
      filter: isCommitted,
    });
    // Somebody's own server, where this may run, has a version of its own.
    const manifest = JSON.parse(await repository.read("package.json"));
    const text = `${JSON.stringify({ ...manifest, version: "1.0.0" }, undefined, 2)}\n`;
    await rm(join(repository.path, upstreamFile), { force: true });
    await repository.commit("Start", { "package.json": text });
    return repository;
  }

  /** A clone of one. */
  static clone(origin: Repository): Promise<Repository> {
    return Repository.ofHistory(origin.path);
  }

  /** A clone of a repository that is not a test's, at the commit that is checked out there. */
  static async ofHistory(path: string): Promise<Repository> {
    const repository = new Repository(await makeTempFolder());
    await repository.git("clone", "--quiet", "--no-tags", path, ".");
    await repository.#settle();
    return repository;
  }

  /** A copy of one's files, with a history that begins there: what GitHub makes of a template. */
  static async copy(origin: Repository): Promise<Repository> {
    const repository = await Repository.make();
    await cp(origin.path, repository.path, {
      recursive: true,
      filter: isCommitted,
    });
    await repository.commit("Copy", {});
    return repository;
  }

  /** Settings that what is tested needs here, whatever the machine has. */
  async #settle(): Promise<void> {
    await this.git("config", "user.name", "Ada");
    await this.git("config", "user.email", "ada@example.com");
    await this.git("config", "commit.gpgSign", "false");
    await this.git("config", "core.autocrlf", "false");
  }

  /** Where it is. */
  get path(): string {
    return this.#folder.path;
  }

  /** Runs git, and gives back what it prints. */
  async git(...args: string[]): Promise<string> {
    const options = { cwd: this.path, env: environment, maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)("git", args, options);
    return stdout.trimEnd();
  }

  /** Commits changes: a file's new text, or `undefined` to delete it. Gives back the commit. */
  async commit(
    message: string,
    files: Readonly<Record<string, string | undefined>>,
  ): Promise<string> {
    for (const [file, text] of Object.entries(files)) {
      if (text === undefined) await rm(join(this.path, file), { recursive: true });
      else await this.write(file, text);
    }
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--allow-empty", "-m", message);
    return this.git("rev-parse", "HEAD");
  }

  /** Text of a file. */
  read(file: string): Promise<string> {
    return readFile(join(this.path, file), "utf8");
  }

  /** Writes a file, and commits nothing. */
  async write(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.path, file)), { recursive: true });
    await writeFile(join(this.path, file), text);
  }

  /** Ids of the contents of all files of a commit, by path. */
  async list(commit = "HEAD"): Promise<Map<string, string>> {
    const lines = (await this.git("ls-tree", "-r", "-z", commit)).split("\0");
    return new Map(
      lines.flatMap((line) => {
        const [, blob = "", path = ""] = /^\d+ \w+ (\w+)\t(.+)$/s.exec(line) ?? [];
        return path === "" ? [] : [[path, blob] as const];
      }),
    );
  }

  /** All that an upgrade could leave behind: branch, commits, names, what is not committed. */
  async tellState(): Promise<string> {
    const [head, names, status] = await Promise.all([
      this.git("rev-parse", "HEAD"),
      this.git("for-each-ref"),
      this.git("status", "--porcelain", "--branch"),
    ]);
    return [head, names, status].join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
