import { readFile, rm } from "node:fs/promises";
import * as z from "zod";
import { replaceFile } from "../../infra/replace-file.ts";
import { hasCode, UserError } from "../errors.ts";
import type { GeneratedKeys } from "./declared-resource.ts";

const content = z.record(z.string(), z.record(z.string(), z.string()));

/** `.dev/keys.json`: the keys that the program generated, by stack. Readable by its owner only. */
export class KeyFile {
  readonly #path: string;
  readonly #stack: string;

  constructor(path: string, stack: string) {
    this.#path = path;
    this.#stack = stack;
  }

  /** The stack's keys; none before its first run. */
  async read(): Promise<GeneratedKeys> {
    const all = await this.#readAll();
    return (Object.hasOwn(all, this.#stack) && all[this.#stack]) || {};
  }

  /** Keeps the stack's keys. */
  async write(keys: GeneratedKeys): Promise<void> {
    await this.#writeAll({ ...(await this.#readAll()), [this.#stack]: { ...keys } });
  }

  /** Forgets the stack's keys, not those of other stacks. A file that cannot be read goes whole. */
  async forget(): Promise<void> {
    const all = await this.#readAll().catch(() => undefined);
    if (all === undefined) return rm(this.#path, { force: true });
    const { [this.#stack]: forgotten, ...others } = all;
    if (forgotten !== undefined) await this.#writeAll(others);
  }

  async #readAll(): Promise<z.infer<typeof content>> {
    try {
      return content.parse(JSON.parse(await readFile(this.#path, "utf8")));
    } catch (error) {
      if (hasCode(error, "ENOENT")) return {};
      throw new UserError(
        `${this.#path} cannot be read as the keys of the dev server. Remove it with: npm start -- --fresh`,
      );
    }
  }

  async #writeAll(all: z.infer<typeof content>): Promise<void> {
    await replaceFile(this.#path, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  }
}
