import { type AccountKv, type ListedKey, mostRead, split } from "./account-kv.ts";

/** Options of `list` of a Worker's KV binding, as far as the OAuth library uses them. */
export interface ListQuery {
  readonly prefix?: string;
  readonly limit?: number;
  readonly cursor?: string | undefined;
}

export interface KeyPage {
  readonly keys: readonly ListedKey[];
  readonly list_complete: boolean;
  readonly cursor?: string;
}

/** A list that was read whole. */
interface KeyList {
  readonly keys: readonly ListedKey[];
  /** For each name, the names whose values are read together with its own. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

/** Keys of a page if nobody asks for fewer, as Workers KV has it. */
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
  readonly #lists = new Map<string, Promise<KeyList>>();
  /** Values that were read, by the names that were read together. */
  readonly #values = new Map<readonly string[], Promise<ReadonlyMap<string, string>>>();
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

  /** @returns the value, parsed if JSON is asked for; null for a key that is not there. */
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
    const names = (await this.#findList(name)).parts.get(name);
    if (names === undefined) return undefined;
    let values = this.#values.get(names);
    if (values === undefined) {
      values = this.#account.readValues(names);
      this.#values.set(names, values);
    }
    return (await values).get(name);
  }

  /** The list that holds all keys below a prefix: one that was read, or a new one. */
  #findList(wanted: string): Promise<KeyList> {
    for (const [prefix, list] of this.#lists) {
      if (wanted.startsWith(prefix)) return list;
    }
    const kind = /^[a-z]+/.exec(wanted)?.[0] ?? "all";
    const keys = this.#account.listKeys(wanted, (count) => {
      if (count > pageSize) this.#onProgress(`Read ${count} ${kind} keys …`);
    });
    const list = keys.then(toList);
    this.#lists.set(wanted, list);
    return list;
  }
}

function toList(keys: readonly ListedKey[]): KeyList {
  const parts = split(
    keys.map(({ name }) => name),
    mostRead,
  );
  return { keys, parts: new Map(parts.flatMap((part) => part.map((name) => [name, part]))) };
}
