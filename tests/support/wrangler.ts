import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { compileCache } from "./compile-cache.ts";
import type { TestCloud } from "./local-cloud.ts";
import { patience } from "./patience.ts";
import { type Ending, Output } from "./program.ts";
import { makeTempFolder, type TempFolder } from "./temp-folder.ts";

const program = join(import.meta.dirname, "../../node_modules/wrangler/bin/wrangler.js");

/** Megabytes for what is new: loading wrangler makes much, of which collecting garbage would take a tenth of the time. */
const roomy = ["--min-semi-space-size=64", "--max-semi-space-size=64"];

/** Lines of a command's output that a transcript shows. */
const shownLines = 16;

const script = "/accounts/:account/workers/scripts/:script";
const service = "/accounts/:account/workers/services/:script";

/** Endpoints that no other client calls; the tests of wrangler hold that it does. */
export const knownToWranglerOnly: readonly string[] = [
  `PUT ${script}/routes`,
  `POST ${script}/domains/changeset`,
  `PUT ${script}/domains/records`,
  `GET ${service}`,
  `DELETE ${service}`,
  "DELETE /accounts/:account/storage/kv/namespaces/:namespace/bulk",
];

/** The endpoint of `wrangler versions secret`; a test of its own holds that it is called. */
export const patchOfLatestVersion =
  "PATCH /accounts/:account/workers/workers/:worker/versions/latest";

/** What a command is given besides its arguments. */
interface RunOptions {
  /** Standard input, as from a pipe. */
  readonly input?: string;
}

/**
 * The real wrangler in a project of its own, pointed at a local cloud by `CLOUDFLARE_API_BASE_URL`
 * alone. Nothing of the person's login, settings or account reaches it.
 */
export class Wrangler implements AsyncDisposable {
  readonly #folder: TempFolder;
  readonly #environment: Readonly<Record<string, string>>;
  #transcript = "";

  private constructor(folder: TempFolder, environment: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** @param token default: one of all permissions. */
  static async make(cloud: TestCloud, token: string = cloud.local.token): Promise<Wrangler> {
    const folder = await makeTempFolder();
    const home = join(folder.path, "home");
    await mkdir(home);
    return new Wrangler(folder, {
      HOME: home,
      XDG_CONFIG_HOME: join(home, ".config"),
      PATH: dirname(process.execPath),
      // Each command starts anew: this halves the time it takes to load wrangler.
      NODE_COMPILE_CACHE: compileCache,
      WRANGLER_SEND_METRICS: "false",
      CI: "1",
      NO_COLOR: "1",
      FORCE_COLOR: "0",
      CLOUDFLARE_API_BASE_URL: cloud.local.baseUrl,
      CLOUDFLARE_API_TOKEN: token,
      CLOUDFLARE_ACCOUNT_ID: cloud.local.accountId,
    });
  }

  /** Writes a file of the project; an object as JSON. */
  async write(path: string, content: string | object): Promise<void> {
    const file = join(this.#folder.path, "project", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }

  /** Lets the project's code import this repository's packages. */
  async linkPackages(): Promise<void> {
    const folder = join(this.#folder.path, "project");
    await mkdir(folder, { recursive: true });
    await symlink(join(import.meta.dirname, "../../node_modules"), join(folder, "node_modules"));
  }

  /** Runs a command. @returns what it printed. @throws Error with that where it fails. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.#start(args, options);
    if (code === 0) return stdout;
    throw new Error(`wrangler ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  }

  /** Runs a command that must fail. @returns what it said of the error. */
  async runFailing(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.#start(args, options);
    if (code !== 0) return stdout + stderr;
    throw new Error(`wrangler ${args.join(" ")} did not fail:\n${stdout}`);
  }

  /** A remark for the reader of the transcript. */
  note(text: string): void {
    this.#transcript += `\n# ${text}\n`;
  }

  /** With SHOW_TRANSCRIPT=1 it prints every command that was run and the first lines each printed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (process.env.SHOW_TRANSCRIPT === "1") console.log(this.#transcript);
    await this.#folder[Symbol.asyncDispose]();
  }

  async #start(args: readonly string[], { input }: RunOptions): Promise<Ending> {
    const child = spawn(process.execPath, [...roomy, program, ...args], {
      cwd: join(this.#folder.path, "project"),
      env: this.#environment,
      stdio: ["pipe", "pipe", "pipe"],
      // Its own process group: wrangler is started by a program of the same name.
      detached: true,
    });
    child.stdin.end(input ?? "");
    const stdout = new Output(child.stdout);
    const stderr = new Output(child.stderr);
    const late = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, patience);
    const [code] = (await once(child, "close")) as [number | null];
    clearTimeout(late);
    const ending = { code, stdout: clean(stdout.text), stderr: clean(stderr.text) };
    this.#keep(args, ending, input);
    return ending;
  }

  #keep(args: readonly string[], { stdout, stderr }: Ending, input: string | undefined): void {
    const quoted = args.map((arg) => (/^[\w@%=./:-]+$/.test(arg) ? arg : `'${arg}'`));
    const piped = input === undefined ? "" : "printf … | ";
    const lines = `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "");
    const shown = lines.filter((line) => !/^ ⛅️ wrangler|^─+$|Logs were written/.test(line));
    const rest = shown.length > shownLines ? [`… ${shown.length - shownLines} more lines`] : [];
    this.#transcript += `\n$ ${piped}wrangler ${quoted.join(" ")}\n`;
    this.#transcript += [...shown.slice(0, shownLines), ...rest]
      .map((line) => `  ${line}\n`)
      .join("");
  }
}

/** Without colours, which its errors have in spite of NO_COLOR. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed.
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}

/** A node of the tree in which wrangler keeps its commands. */
interface CommandNode {
  readonly subtree: ReadonlyMap<string, CommandNode>;
}

/** Every command that wrangler has, hidden and renamed ones too: its help names none of those. */
export async function listCommands(): Promise<string[]> {
  // Loaded here: it is large, and one test wants it.
  const { experimental_getWranglerCommands } = await import("wrangler");
  return listLeaves(experimental_getWranglerCommands().registry, []);
}

function listLeaves({ subtree }: CommandNode, path: readonly string[]): string[] {
  if (subtree.size === 0) return [path.join(" ")];
  return [...subtree].flatMap(([name, node]) => listLeaves(node, [...path, name]));
}
