import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { TestContext } from "vitest";
import { listDescendants } from "./checkout.ts";
import type { Ending, Program } from "./program.ts";
import { Workshop, type WorkshopOptions } from "./workshop.ts";

/** What `preview list --json` prints, as far as tests read it. */
export interface ListedPreview {
  readonly pullRequest: number;
  readonly owner?: string;
  readonly commit?: string;
  readonly expires?: string;
}

/** A workshop in which previews come and go. */
export class PreviewShop implements AsyncDisposable {
  readonly workshop: Workshop;

  private constructor(workshop: Workshop) {
    this.workshop = workshop;
  }

  /** Skips the test where there is no engine. */
  static async make(skip: TestContext["skip"], options?: WorkshopOptions): Promise<PreviewShop> {
    return new PreviewShop(await Workshop.make(skip, options));
  }

  /** `preview …` that must succeed. @returns what it printed. */
  succeed(...args: readonly string[]): Promise<string> {
    return this.workshop.succeed("preview", ...args);
  }

  /** `preview …` that must fail. @returns what it printed. */
  fail(...args: readonly string[]): Promise<string> {
    return this.workshop.fail("preview", ...args);
  }

  /** `preview up` for a pull request that must succeed. */
  up(pullRequest: number, ...args: readonly string[]): Promise<string> {
    return this.succeed("up", "--pr", String(pullRequest), ...args);
  }

  /** `preview down` for a pull request that must succeed. */
  down(pullRequest: number): Promise<string> {
    return this.succeed("down", "--pr", String(pullRequest));
  }

  async list(): Promise<ListedPreview[]> {
    return JSON.parse(await this.succeed("list", "--json")) as ListedPreview[];
  }

  /** Where a preview answers. */
  origin(printed: string): string {
    return /(http:\/\/localhost:\d+)\//.exec(printed)?.[1] ?? "";
  }

  /** The preview's password, as somebody reads it who may read the stack. */
  async readPassword(stack: string): Promise<string> {
    const args = ["stack", "output", "demoPassword", "--show-secrets", "-s", stack];
    return (await this.workshop.pulumi(...args)).stdout.trim();
  }

  /** The checkout as a runner has it that never saw the preview. */
  async freshen(pullRequest: number): Promise<void> {
    await rm(this.workshop.checkout.path(`Pulumi.pr-${pullRequest}.yaml`));
    await rm(this.workshop.checkout.path(".build"), { recursive: true, force: true });
  }

  /** Starts a command, and waits until the next matching call of the API is under way. */
  async startUntil(
    args: readonly string[],
    method: "POST" | "PUT" | "DELETE",
    path: string,
  ): Promise<Program> {
    const { faults } = this.workshop.cloud.local.cloud;
    this.workshop.breakCall(method, path, { kind: "slow", milliseconds: 1000 });
    const program = this.workshop.start("preview", ...args);
    while (faults.list().length > 0) {
      if (!isRunning(program.pid)) throw new Error(`It ended before: ${program.printed}`);
      await sleep(20);
    }
    return program;
  }

  /**
   * Changes what the backend remembers of those who hold a preview's stack: a folder has a file for each.
   * @returns how many there are.
   */
  async changeLocks(pullRequest: number, change: object): Promise<number> {
    const { PULUMI_BACKEND_URL: backend = "" } = this.workshop.home.environment;
    const all = join(fileURLToPath(backend), ".pulumi/locks/organization/remote-mcp-server");
    const folder = join(all, `pr-${pullRequest}`);
    // Beside each, the CLI keeps what a bucket would know of it.
    const files = (await readdir(folder)).filter((file) => file.endsWith(".json"));
    for (const file of files) {
      const path = join(folder, file);
      const lock = JSON.parse(await readFile(path, "utf8")) as object;
      await writeFile(path, JSON.stringify({ ...lock, ...change }));
    }
    return files.length;
  }

  /** Ends a program and all it has started, as a runner does whose time is up. */
  async kill(program: Program): Promise<Ending> {
    const family = [program.pid, ...(await listDescendants(program.pid))];
    for (const pid of family) process.kill(pid, "SIGKILL");
    return program.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.workshop[Symbol.asyncDispose]();
  }
}

/** Not with `ps`: a process that waits for it could not host the local cloud. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
