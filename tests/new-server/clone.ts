import { execFile } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect } from "vitest";
import { Checkout } from "../support/checkout.ts";

/** Where upstream is said to be. Nobody goes there. */
export const upstream = "https://example.com/upstream.git";

/** A clone of the project as a person has it: everything is committed. */
export class Clone implements AsyncDisposable {
  readonly checkout: Checkout;

  private constructor(checkout: Checkout) {
    this.checkout = checkout;
  }

  /** @param makeCheckout makes what is cloned. Default: this checkout, whose tools are somebody's own. */
  static async make(makeCheckout = Checkout.make): Promise<Clone> {
    const clone = new Clone(await makeCheckout({ hasTests: true }));
    await clone.git("init", "--quiet", "--initial-branch=main");
    await clone.git("config", "user.name", "Ada");
    await clone.git("config", "user.email", "ada@example.com");
    // What the copy has instead of installed packages, and what Pulumi keeps in this person's home.
    await appendFile(clone.checkout.path(".git/info/exclude"), "node_modules\n.pulumi/\n");
    await clone.commit("Start");
    return clone;
  }

  async git(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)("git", args, { cwd: this.checkout.path(".") });
    return stdout.trimEnd();
  }

  async commit(message: string): Promise<void> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--message", message);
  }

  /** Files that differ from the last commit. */
  async listChanged(): Promise<string[]> {
    await this.git("add", "--all");
    return (await this.git("diff", "--cached", "--name-only", "--no-renames")).split("\n");
  }

  /** Runs a command that must succeed. @returns what it printed. */
  async run(command: string): Promise<string> {
    const { code, stdout, stderr } = await this.checkout.runCommand(command);
    expect(code, `${command}\n${stdout}${stderr}`).toBe(0);
    return stdout;
  }

  /** Runs a command that must be refused, without a stack trace. @returns why. */
  async refuse(command: string): Promise<string> {
    const { code, stdout, stderr } = await this.checkout.runCommand(command);
    expect(code, `${command}\n${stdout}${stderr}`).toBe(1);
    expect(stderr).not.toMatch(/^\s+at /m);
    return stderr;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.checkout[Symbol.asyncDispose]();
  }
}
