import type {
  DurableObjectNamespace,
  KVNamespace,
  KVNamespaceListOptions,
  KVNamespacePutOptions,
} from "@cloudflare/workers-types";
import { now } from "./clock.ts";
import { readConditions } from "./conditions.ts";
import type { SeenKey, SimulationStore, View } from "./store.ts";

/** How many operations KV was asked for. */
export const kvCounts = { reads: 0, writes: 0 };

/** How a value is read. */
interface ReadOptions {
  readonly type?: string;
  readonly cacheTtl?: number;
}

/** The namespace of the one store. */
export type StoreNamespace = DurableObjectNamespace<SimulationStore>;

/** The store behind KV and the alarms. */
export function findStore(stores: StoreNamespace) {
  return stores.get(stores.idFromName("store"));
}

/**
 * Workers KV as one place sees it: writes made elsewhere show late, keys end by the simulated clock. It
 * has what the OAuth library and this server use of the interface; the rest throws.
 */
class SimulatedKv {
  readonly #stores: StoreNamespace;
  readonly #place: string;

  constructor(stores: StoreNamespace, place: string) {
    this.#stores = stores;
    this.#place = place;
  }

  async get(key: string, options: "text" | "json" | ReadOptions = {}): Promise<unknown> {
    const { type, cacheTtl } = typeof options === "string" ? { type: options } : options;
    // The shortest that Cloudflare takes.
    if (cacheTtl !== undefined && cacheTtl < 30) throw new Error("KV GET failed: 400");
    const found = await this.#read(key, cacheTtl);
    return found !== null && type === "json" ? JSON.parse(found.value) : (found?.value ?? null);
  }

  async getWithMetadata(key: string, options?: "text" | "json" | { readonly type?: string }) {
    const found = await this.#read(key);
    const type = typeof options === "string" ? options : options?.type;
    const value = found === null ? null : found.value;
    return {
      value: value !== null && type === "json" ? JSON.parse(value) : value,
      metadata: readMetadata(found),
      cacheStatus: null,
    };
  }

  async put(key: string, value: unknown, options: KVNamespacePutOptions = {}): Promise<void> {
    if (typeof value !== "string") throw new TypeError("The simulated KV takes texts only.");
    await this.#undergo("put", key);
    const { expiration, expirationTtl, metadata } = options;
    // The shortest that Cloudflare takes.
    if (expirationTtl != null && expirationTtl < 60) throw new Error("KV PUT failed: 400");
    const until = expirationTtl != null ? now() + expirationTtl * 1000 : toTime(expiration);
    await this.#write(key, value, metadata == null ? null : JSON.stringify(metadata), until);
  }

  async delete(key: string): Promise<void> {
    await this.#undergo("delete", key);
    await this.#write(key, null, null, null);
  }

  async list({ prefix, limit, cursor }: KVNamespaceListOptions = {}) {
    await this.#undergo("list", prefix ?? "");
    const all = await findStore(this.#stores).list(prefix ?? "", this.#view());
    const start = Number(cursor ?? 0);
    const end = start + Math.min(limit ?? 1000, 1000);
    const keys = all.slice(start, end).map((found) => ({
      name: found.key,
      ...(found.until !== null && { expiration: Math.floor(found.until / 1000) }),
      ...(found.metadata !== null && { metadata: readMetadata(found) }),
    }));
    if (end >= all.length) return { keys, list_complete: true, cacheStatus: null };
    return { keys, list_complete: false, cursor: String(end), cacheStatus: null };
  }

  /** @param cacheTtl seconds for which the place may answer from its own copy. */
  async #read(key: string, cacheTtl = Number.POSITIVE_INFINITY): Promise<SeenKey | null> {
    await this.#undergo("get", key);
    const view = this.#view();
    const lateness = Math.min(view.lateness, cacheTtl * 1000);
    return findStore(this.#stores).read(key, { ...view, lateness });
  }

  async #write(
    key: string,
    value: string | null,
    metadata: string | null,
    until: number | null,
  ): Promise<void> {
    const isOneWriteASecond = readConditions().kvOneWriteASecond;
    const write = { ...this.#view(), key, value, metadata, until, isOneWriteASecond };
    if (await findStore(this.#stores).write(write)) return;
    throw new Error("KV PUT failed: 429 Too Many Requests");
  }

  /** Counts an operation, and lets it be slow or fail. */
  async #undergo(operation: "get" | "put" | "delete" | "list", key: string): Promise<void> {
    kvCounts[operation === "get" || operation === "list" ? "reads" : "writes"] += 1;
    const { kvDelay, kvFailure } = readConditions();
    if (kvDelay > 0) await new Promise((resolve) => setTimeout(resolve, kvDelay));
    if (kvFailure === null || !key.startsWith(kvFailure.prefix ?? "")) return;
    if (kvFailure.operations.includes(operation)) throw new Error(kvFailure.message);
  }

  #view(): View {
    return { place: this.#place, now: now(), lateness: readConditions().kvLateness };
  }
}

/** As the Worker's code wants it. */
export function openKv(stores: StoreNamespace, place: string): KVNamespace {
  return new SimulatedKv(stores, place) as unknown as KVNamespace;
}

/** @param seconds since the epoch. */
function toTime(seconds: number | undefined): number | null {
  return seconds === undefined ? null : seconds * 1000;
}

function readMetadata(found: SeenKey | null): unknown {
  return found?.metadata == null ? null : JSON.parse(found.metadata);
}
