import { rm } from "node:fs/promises";
import { type Checkout, waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import type { Program } from "../support/program.ts";

/** What `npm start` serves of a checkout whose files one test after the other edits, each as they were at first. */
export class EditedServer implements AsyncDisposable {
  readonly program: Program;
  /** `http://localhost:<port>` */
  readonly origin: string;
  readonly #checkout: Checkout;
  /** Texts of the files that were edited, as they were. Undefined: the file was not there. */
  readonly #before = new Map<string, string | undefined>();
  /** Whether the test that edited them is over. */
  #isOver = false;

  private constructor(checkout: Checkout, program: Program, origin: string) {
    this.#checkout = checkout;
    this.program = program;
    this.origin = origin;
  }

  static async start(): Promise<EditedServer> {
    const checkout = await makeFixtureCheckout();
    const program = checkout.serve();
    return new EditedServer(checkout, program, await waitUntilReady(program));
  }

  /** Changes a part of a file. @throws Error where the part is not there. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const isTakenBack = this.#isOver && this.#before.has(file);
    const text = isTakenBack ? this.#before.get(file) : await this.#checkout.read(file);
    if (!text?.includes(from)) throw new Error(`${file} does not contain: ${from}`);
    await this.write(file, text.replace(from, to));
  }

  /** Replaces a file, or adds one. */
  async write(file: string, text: string): Promise<void> {
    const before = this.#before.has(file) ? this.#before.get(file) : await this.#read(file);
    const others = this.#isOver ? [...this.#before].filter(([other]) => other !== file) : [];
    if (this.#isOver) this.#before.clear();
    this.#isOver = false;
    this.#before.set(file, before);
    // In one burst with this edit, which is served without a reload of their own.
    for (const [other, was] of others) {
      if ((await this.#read(other)) === was) continue;
      if (was === undefined) await rm(this.#checkout.path(other));
      else await this.#checkout.write(other, was);
    }
    await this.#checkout.write(file, text);
  }

  /** Begins a test: the next edit takes back those of the test before, and nothing printed until now counts. */
  begin(): void {
    this.program.forget();
    this.#isOver = true;
  }

  /**
   * Waits until changes of a file have been taken over since the test began. Whoever edits a file waits for each
   * time it is: a line that comes late would be taken for one of the next edit.
   */
  async waitForReload(file: string, times = 1): Promise<void> {
    const line = `Reloaded in \\d+ ms: [^\\n]*${file.replaceAll(".", "\\.")}`;
    await this.program.waitFor(new RegExp(`(${line}[\\s\\S]*){${times}}`));
  }

  #read(file: string): Promise<string | undefined> {
    return this.#checkout.read(file).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    await this.#checkout[Symbol.asyncDispose]();
  }
}
