import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import * as z from "zod";
import type { Gate } from "../runtime/gate.ts";
import { storageWorkerName, toBindingName } from "./storage-worker.ts";

export interface PutOptions {
  /** Unix time in seconds. */
  readonly expiration?: number;
  /** Seconds. */
  readonly expirationTtl?: number;
  readonly metadata?: unknown;
}

export interface StoredValue {
  readonly value: Uint8Array<ArrayBuffer>;
  readonly metadata: unknown;
}

const keyList = z.object({
  keys: z.array(
    z.object({
      name: z.string(),
      expiration: z.number().optional(),
      metadata: z.unknown().optional(),
    }),
  ),
  list_complete: z.boolean(),
  cursor: z.string().optional(),
});

/** One page of the keys of a namespace. */
export type KeyList = z.infer<typeof keyList>;

const queryResult = z.looseObject({ results: z.array(z.record(z.string(), z.unknown())) });

export type QueryResult = z.infer<typeof queryResult>;

const objectList = z.object({
  objects: z.array(z.looseObject({ key: z.string() })),
  cursor: z.string().optional(),
});

/** What the storage Worker is asked, of what one of its bindings leads to. */
interface StorageCall {
  readonly name: string;
  readonly binding: string;
  readonly [parameter: string]: unknown;
}

/** Reads and writes what the deployed Workers store: KV values, rows of D1, objects of R2. */
export class Storage {
  readonly #gate: Gate;
  readonly #ensure: (binding: string) => Promise<void>;

  /** @param ensure brings what was just made into the runtime, by the name of the storage Worker's binding to it. */
  constructor(gate: Gate, ensure: (binding: string) => Promise<void>) {
    this.#gate = gate;
    this.#ensure = ensure;
  }

  async getValue(id: string, key: string): Promise<StoredValue | undefined> {
    const { status, headers, body } = await this.#call({
      name: "kvGet",
      binding: toBindingName.kv(id),
      key,
    });
    if (status === 404) return undefined;
    return {
      value: body,
      metadata: JSON.parse(decodeURIComponent(String(headers["x-metadata"]))),
    };
  }

  async putValue(
    id: string,
    key: string,
    value: Uint8Array,
    options: PutOptions = {},
  ): Promise<void> {
    await this.#call({ name: "kvPut", binding: toBindingName.kv(id), key, options }, value);
  }

  async deleteValues(id: string, keys: readonly string[]): Promise<void> {
    await this.#call({ name: "kvDelete", binding: toBindingName.kv(id), keys });
  }

  async listKeys(
    id: string,
    options: { prefix?: string; limit?: number; cursor?: string },
  ): Promise<KeyList> {
    return keyList.parse(
      await this.#json({ name: "kvList", binding: toBindingName.kv(id), options }),
    );
  }

  /** @throws Error with SQLite's words. */
  async query(
    id: string,
    statements: readonly { readonly sql: string; readonly params: readonly unknown[] }[],
  ): Promise<QueryResult[]> {
    const { status, body } = await this.#call({
      name: "d1Query",
      binding: toBindingName.d1(id),
      statements,
    });
    const text = new TextDecoder().decode(body);
    if (status === 200) return z.array(queryResult).parse(JSON.parse(text));
    throw new Error(z.object({ error: z.string() }).parse(JSON.parse(text)).error);
  }

  async listObjects(
    bucket: string,
    options: { prefix?: string; limit?: number; cursor?: string } = {},
  ): Promise<z.infer<typeof objectList>> {
    return objectList.parse(
      await this.#json({ name: "r2List", binding: toBindingName.r2(bucket), options }),
    );
  }

  async deleteObject(bucket: string, key: string): Promise<void> {
    await this.#call({ name: "r2Delete", binding: toBindingName.r2(bucket), key });
  }

  async #json(call: StorageCall): Promise<unknown> {
    const { body } = await this.#call(call);
    return JSON.parse(new TextDecoder().decode(body));
  }

  async #call(call: StorageCall, sent?: Uint8Array) {
    await this.#ensure(call.binding);
    using passage = await this.#gate.pass();
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const asked = request({
      host: "127.0.0.1",
      port: passage.port,
      agent: passage.agent,
      method: "POST",
      headers: {
        ...passage.headersFor(storageWorkerName),
        "x-call": encodeURIComponent(JSON.stringify(call)),
      },
    });
    asked.on("response", resolve).on("error", reject);
    asked.end(sent);
    const response = await promise;
    const body = new Uint8Array(await buffer(response));
    const status = response.statusCode ?? 500;
    if (status >= 500) throw new Error(`The storage answers ${status}.`);
    return { status, headers: response.headers, body };
  }
}
