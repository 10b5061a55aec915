import { lstat, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { expect } from "vitest";
import { writeFixtureProject } from "../support/fixture-project.ts";
import type { Ending } from "../support/program.ts";
import { runCli } from "../support/run-cli.ts";
import { runInHost } from "../support/run-in-host.ts";
import { makeTempFolder, type TempFolder } from "../support/temp-folder.ts";

const script = resolve(import.meta.dirname, "../../scripts/mcp.ts");

/** A client as `connect --json` lists it. */
export interface ListedClient {
  readonly id: string;
  readonly title: string;
  readonly file: string | null;
}

/**
 * A person with a home of their own, in the folder of a project, who runs `connect` with a pipe for a terminal. The
 * project is the tests': the checkout's is somebody's own, and may have any name.
 */
export class Home implements AsyncDisposable {
  /** Folder of the person. */
  readonly path: string;
  /** Where they are. */
  readonly project: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly #folder: TempFolder;

  private constructor(folder: TempFolder, variables: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.path = join(folder.path, "ada");
    this.project = join(folder.path, "project");
    this.environment = {
      HOME: this.path,
      USERPROFILE: this.path,
      APPDATA: join(this.path, "AppData", "Roaming"),
      XDG_CONFIG_HOME: join(this.path, ".config"),
      PATH: join(this.path, "no-programs"),
      NO_COLOR: "1",
      ...variables,
    };
  }

  /**
   * @param variables beside those of a home.
   * @param options whether a project is in the folder. Default: it is.
   */
  static async make(
    variables: Readonly<Record<string, string>> = {},
    { hasProject = true } = {},
  ): Promise<Home> {
    const home = new Home(await makeTempFolder(), variables);
    await mkdir(home.path);
    await mkdir(home.project);
    if (hasProject) await writeFixtureProject(home.project);
    return home;
  }

  /** `npm run mcp -- connect …`, to its end, in a process that has run others before. */
  connect(...args: string[]): Promise<Ending> {
    return runInHost(script, ["connect", ...args], this.environment, this.project);
  }

  /** The same in a process of its own. */
  connectAlone(...args: string[]): Promise<Ending> {
    return runCli(script, ["connect", ...args], this.environment, this.project);
  }

  /** The same with the dev server's URL, where it must go well. @returns what it printed. */
  async connected(...args: string[]): Promise<string> {
    const server = args.includes("--undo") ? [] : ["--url", "http://localhost:8787"];
    const { code, stdout, stderr } = await this.connect(...server, ...args);
    expect({ code, stderr }, args.join(" ")).toEqual({ code: 0, stderr: "" });
    return stdout;
  }

  /** Where a client's file is, as the list says. */
  async fileOf(id: string): Promise<string> {
    const clients = JSON.parse(await this.connected("--json")) as ListedClient[];
    const file = clients.find((client) => client.id === id)?.file;
    if (!file) throw new Error(`${id} has no file.`);
    return resolve(this.project, file);
  }

  /** Puts a file there, with the folders above it. */
  async put(path: string, text: string, mode = 0o644): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode });
  }

  /** Names of all that lies in a folder. */
  async list(folder: string): Promise<string[]> {
    return (await readdir(folder)).toSorted();
  }

  /** A file as it is, byte for byte: UTF-8 keeps them all. Undefined: there is none. */
  async read(path: string): Promise<string | undefined> {
    try {
      return await readFile(path, "utf8");
    } catch {
      return undefined;
    }
  }

  /** Permissions of a file, and whether it is a link. */
  async describe(path: string): Promise<{ mode: number; isLink: boolean }> {
    const found = await lstat(path);
    return { mode: found.mode & 0o777, isLink: found.isSymbolicLink() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
