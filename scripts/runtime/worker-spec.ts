/** A Worker to run on this machine: what an upload to Cloudflare consists of, in plain values. */
export interface WorkerSpec {
  readonly name: string;
  /** The main one first. */
  readonly modules: readonly WorkerModule[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly WorkerBinding[];
  /** Cron expressions in UTC. */
  readonly crons: readonly string[];
}

export interface WorkerModule {
  /** Path by which the others import it. */
  readonly name: string;
  readonly type: "ESModule" | "Text" | "Data" | "CompiledWasm";
  readonly contents: string | Uint8Array<ArrayBuffer>;
}

/** One binding, by the type name that Cloudflare's API gives it. */
export type WorkerBinding = { readonly name: string } & (
  | { readonly type: "kv_namespace"; readonly namespaceId: string }
  | {
      readonly type: "durable_object_namespace";
      readonly className: string;
      /** Names the stored objects of the class; keeps them over a rename. */
      readonly uniqueKey: string;
      /** The Worker that has the class. Default: this one. */
      readonly scriptName?: string;
    }
  | {
      readonly type: "ratelimit";
      readonly namespaceId: string;
      readonly simple: { readonly limit: number; readonly period: 10 | 60 };
    }
  | { readonly type: "secret_text" | "plain_text"; readonly text: string }
  | { readonly type: "json"; readonly json: Json }
  | { readonly type: "d1"; readonly id: string }
  | { readonly type: "r2_bucket"; readonly bucketName: string }
  /** Workers AI, which runs at Cloudflare only: here each call fails with words that say so. */
  | { readonly type: "ai" }
  /** Another Worker. If it is not here, it answers 501 with words that say so. */
  | { readonly type: "service"; readonly service: string; readonly entrypoint?: string }
);

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
