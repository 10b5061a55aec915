import type { WorkerEnv, WorkerSettings } from "../env.ts";
import type { Features } from "../kit/features.ts";
import type { Subscriptions } from "./register-resources.ts";

export interface SessionParts {
  readonly features: Features;
  readonly settings: WorkerSettings;
  readonly env: WorkerEnv;
}

/** What a session object holds in memory, whichever kind of client it serves. */
export interface ActiveSession {
  /**
   * A collection of the person's storage has changed.
   * @returns false if nobody is there any more to be told.
   */
  notify(topic: string): boolean;
  /** Ends it: its streams close. */
  end(): Promise<void>;
}

/** Which URIs a session watches, by the collection that changes them. */
export class WatchedTopics implements Subscriptions {
  readonly #uris = new Map<string, Set<string>>();
  readonly #watch: (topic: string) => Promise<void>;
  readonly #unwatch: (topic: string) => Promise<void>;

  /** @param watch asks the person's storage to be told. @param unwatch is its reverse. */
  constructor(watch: (topic: string) => Promise<void>, unwatch: (topic: string) => Promise<void>) {
    this.#watch = watch;
    this.#unwatch = unwatch;
  }

  get isEmpty(): boolean {
    return this.#uris.size === 0;
  }

  async watch(topic: string, uri: string): Promise<void> {
    if (!this.#uris.has(topic)) await this.#watch(topic);
    this.#uris.set(topic, new Set(this.#uris.get(topic)).add(uri));
  }

  async unwatch(topic: string, uri: string): Promise<void> {
    const uris = this.#uris.get(topic);
    uris?.delete(uri);
    if (uris?.size !== 0) return;
    this.#uris.delete(topic);
    await this.#unwatch(topic);
  }

  /** The URIs that a change of a collection changes. */
  listUris(topic: string): string[] {
    return [...(this.#uris.get(topic) ?? [])];
  }
}

/**
 * The answer to a request of a session that ended, never was, or is somebody else's. In the words of the
 * SDK's transport, after which a client starts again.
 */
export function noSession(body: unknown): Response {
  const { id = null } = (body ?? {}) as { readonly id?: string | number | null };
  const error = { code: -32001, message: "Session not found" };
  return Response.json({ jsonrpc: "2.0", error, id }, { status: 404 });
}
