import { type AccountKv, type ListedKey, mostRead } from "./account-kv.ts";

/** What a list of the Workers' own KV takes, as far as the OAuth library uses it. */
export interface ListQuery {
  readonly prefix?: string;
  readonly limit?: number;
  readonly cursor?: string | undefined;
}

/** A page of such a list. */
export interface KeyPage {
  readonly keys: readonly ListedKey[];
  readonly list_complete: boolean;
  readonly cursor?: string;
}

/** Keys of a page where nobody asks for fewer, as Workers KV has it. */
const pageSize = 1000;

/**
 * What the OAuth library sees as its KV namespace. It reads the account's namespace, each prefix once
 * and values in bulk, and only notes what the library deletes: so the library's own code makes the
 * plan of a dry run, and what is done with `--yes` is that plan.
 */
export class PlannedKv {
  readonly #account: AccountKv;
  readonly #onProgress: (line: string) => void;
  /** Lists that were read, by prefix. */
  readonly #lists = new Map<string, Promise<readonly ListedKey[]>>();
  /** Values that were read, by the list and the part of it. */
  readonly #parts = new Map<string, Promise<ReadonlyMap<string, string>>>();
  readonly #deleted = new Set<string>();

  /** @param onProgress is told in a line how far a long list is. */
  constructor(account: AccountKv, onProgress: (line: string) => void = () => undefined) {
    this.#account = account;
    this.#onProgress = onProgress;
  }

  /** Keys that the library deleted, in its order. */
  get deleted(): readonly string[] {
    return [...this.#deleted];
  }

  async list({ prefix = "", limit = pageSize, cursor }: ListQuery = {}): Promise<KeyPage> {
    const { keys } = await this.#findList(prefix);
    const left = keys.filter(
      ({ name }) =>
        name.startsWith(prefix) &&
        !this.#deleted.has(name) &&
        (cursor === undefined || name > cursor),
    );
    const page = left.slice(0, limit);
    const last = page.at(-1)?.name;
    if (left.length === page.length || last === undefined) {
      return { keys: page, list_complete: true };
    }
    return { keys: page, list_complete: false, cursor: last };
  }

  /** @returns the value, parsed where JSON is asked for; null for a key that is not there. */
  async get(name: string, options?: string | { readonly type?: string }): Promise<unknown> {
    const text = await this.#read(name);
    const type = typeof options === "string" ? options : options?.type;
    return text !== undefined && type === "json" ? JSON.parse(text) : (text ?? null);
  }

  async delete(name: string): Promise<void> {
    this.#deleted.add(name);
  }

  async #read(name: string): Promise<string | undefined> {
    if (this.#deleted.has(name)) return undefined;
    const { prefix, keys } = await this.#findList(name);
    const index = findIndex(keys, name);
    if (index === undefined) return undefined;
    const part = Math.floor(index / mostRead);
    const id = `${prefix} ${part}`;
    let values = this.#parts.get(id);
    if (values === undefined) {
      const names = keys.slice(part * mostRead, (part + 1) * mostRead).map((key) => key.name);
      values = this.#account.readValues(names);
      this.#parts.set(id, values);
    }
    return (await values).get(name);
  }

  /** The list that holds all keys below a prefix: one that was read, or a new one. */
  async #findList(
    wanted: string,
  ): Promise<{ readonly prefix: string; readonly keys: readonly ListedKey[] }> {
    for (const [prefix, keys] of this.#lists) {
      if (wanted.startsWith(prefix)) return { prefix, keys: await keys };
    }
    const kind = /^[a-z]+/.exec(wanted)?.[0] ?? "all";
    const keys = this.#account.listKeys(wanted, (count) => {
      if (count > pageSize) this.#onProgress(`Read ${count} ${kind} keys …`);
    });
    this.#lists.set(wanted, keys);
    return { prefix: wanted, keys: await keys };
  }
}

/** Place of a key in a sorted list. */
function findIndex(keys: readonly ListedKey[], name: string): number | undefined {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle]?.name ?? "") < name) low = middle + 1;
    else high = middle;
  }
  return keys[low]?.name === name ? low : undefined;
}
