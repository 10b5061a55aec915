import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer, text } from "node:stream/consumers";
import { UserError } from "../errors.ts";

export interface GitOptions {
  readonly input?: string | Buffer;
  /** Exit codes that are answers; default: 0 alone. */
  readonly codes?: readonly number[];
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface GitAnswer {
  readonly code: number;
  readonly output: Buffer;
}

/** Variables with which git would look at another repository, as inside of a hook. */
const elsewhere = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"];

/** The program git, in one repository. Nothing goes through a shell. */
export class Git {
  readonly root: string;

  /** @param root top of the repository. */
  constructor(root: string) {
    this.root = root;
  }

  /** Runs a command. @throws UserError for a code that is not an answer, with what git says, and if git is missing. */
  async run(args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
    const { input = "", codes = [0], env = {} } = options;
    const inherited: NodeJS.ProcessEnv = { ...process.env, ...env, LC_ALL: "C" };
    for (const name of elsewhere) if (!(name in env)) delete inherited[name];
    const child = spawn("git", args, {
      cwd: this.root,
      env: inherited,
      stdio: ["pipe", "pipe", "pipe"],
    });
    // It may end without reading.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const [output, problems, [ended]] = await Promise.all([
      buffer(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null]>,
    ]).catch((error: Error) => {
      throw new UserError(`git cannot be started: ${error.message}. Install Git 2.39 or newer.`);
    });
    const code = ended ?? 1;
    if (!codes.includes(code)) {
      throw new UserError(
        `git ${args.join(" ")} failed: ${problems.trim() || `exit code ${code}`}`,
      );
    }
    return { code, output };
  }

  /** The output of a command, without the line end. @throws UserError as `run`. */
  async read(args: readonly string[], options: GitOptions = {}): Promise<string> {
    return (await this.run(args, options)).output.toString("utf8").trimEnd();
  }

  /** Whether a command that answers by 0 or 1 says yes. @throws UserError if it answers otherwise. */
  async ask(args: readonly string[]): Promise<boolean> {
    return (await this.run(args, { codes: [0, 1] })).code === 0;
  }

  /** The commit a name stands for; `undefined` if there is none. */
  async findCommit(name: string): Promise<string | undefined> {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
    const { code, output } = await this.run(args, { codes: [0, 1, 128] });
    return code === 0 ? output.toString("utf8").trim() : undefined;
  }

  /** Whether a commit is another one or lies before it. */
  isAncestor(commit: string, of: string): Promise<boolean> {
    return this.ask(["merge-base", "--is-ancestor", commit, of]);
  }

  /** The last commit that two have in common; `undefined` if they have none. */
  async findMergeBase(one: string, other: string): Promise<string | undefined> {
    const { output } = await this.run(["merge-base", one, other], { codes: [0, 1] });
    return output.toString("utf8").split("\n")[0]?.trim() || undefined;
  }
}
