import type { IncomingMessage, ServerResponse } from "node:http";
import { UserError } from "../errors.ts";
import { type Listener, listenOnLocalhost } from "../runtime/listen.ts";
import { Locks } from "./locks.ts";
import { Collection, type Store } from "./store.ts";

/** The port of localhost at which a Worker is served. */
export interface ScriptPort {
  readonly account: string;
  readonly script: string;
  readonly port: number;
}

/** Answers a request at a Worker's port. */
export type PortHandler = (
  where: ScriptPort,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) => void;

/**
 * A port of localhost for every Worker. OAuth clients take plain http only there, and tokens are bound
 * to the address, so a Worker keeps its port when it is deleted and made again.
 */
export class Ports implements AsyncDisposable {
  readonly #kept: Collection<ScriptPort>;
  readonly #handler: PortHandler;
  readonly #listeners = new Map<string, Listener>();
  readonly #apiPort: number;
  readonly #locks = new Locks();

  constructor(store: Store, apiPort: number, handler: PortHandler) {
    this.#kept = new Collection<ScriptPort>(store, "port", toKey);
    this.#apiPort = apiPort;
    this.#handler = handler;
  }

  /** Listens at every port that was given before. @returns those that another program has taken. */
  async open(): Promise<ScriptPort[]> {
    const taken: ScriptPort[] = [];
    for (const kept of this.#kept.list()) {
      await this.#listen(kept).catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error;
        taken.push(kept);
      });
    }
    return taken;
  }

  /** The port of a Worker, deployed or not yet. */
  find(account: string, script: string): number | undefined {
    return this.#kept.get(toKey({ account, script }))?.port;
  }

  list(): ScriptPort[] {
    return this.#kept.list();
  }

  /**
   * Gives a Worker a port, or keeps the one it has.
   * @param wanted takes this one. Default: the next free one after the API's.
   * @throws UserError if the wanted one is taken.
   */
  assign(account: string, script: string, wanted?: number): Promise<number> {
    return this.#locks.run("assign", () => this.#assign(account, script, wanted));
  }

  async #assign(account: string, script: string, wanted?: number): Promise<number> {
    const has = this.find(account, script);
    if (has !== undefined && (wanted === undefined || wanted === has)) return has;
    const port =
      wanted === undefined
        ? await this.#takeNext(account, script)
        : (await this.#listen({ account, script, port: wanted })).port;
    if (has !== undefined) await this.#close(toKey({ account, script }));
    this.#kept.put({ account, script, port });
    return port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((each) => each[Symbol.asyncDispose]()));
  }

  async #takeNext(account: string, script: string): Promise<number> {
    const given = new Set(this.#kept.list().map(({ port }) => port));
    for (let port = this.#apiPort + 1; port <= 65_535; port += 1) {
      if (given.has(port)) continue;
      try {
        return (await this.#listen({ account, script, port })).port;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
    throw new UserError("No port of localhost is free.");
  }

  async #listen(where: ScriptPort): Promise<ScriptPort> {
    const listener = await listenOnLocalhost(
      where.port,
      (incoming, outgoing) => this.#handler(where, incoming, outgoing),
      () => `Stop what listens there, or give ${where.script} another with --serve.`,
    );
    // The old one, if the Worker moves, is closed when the new one is kept.
    const key = toKey(where);
    const old = this.#listeners.get(key);
    if (old !== undefined) this.#listeners.set(`${key}:old`, old);
    this.#listeners.set(key, listener);
    return { ...where, port: listener.port };
  }

  async #close(key: string): Promise<void> {
    const old = this.#listeners.get(`${key}:old`);
    this.#listeners.delete(`${key}:old`);
    await old?.[Symbol.asyncDispose]();
  }
}

function toKey({ account, script }: Pick<ScriptPort, "account" | "script">): string {
  return `${account}/${script}`;
}
