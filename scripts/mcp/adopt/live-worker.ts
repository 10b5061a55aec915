import * as z from "zod";

/** A binding of a deployed Worker, as far as it can be read. Secrets come without their value. */
export const liveBinding = z.looseObject({
  name: z.string(),
  type: z.string(),
  namespace_id: z.string().optional(),
  class_name: z.string().optional(),
  script_name: z.string().optional(),
});

/** A binding of a deployed Worker. */
export type LiveBinding = z.infer<typeof liveBinding>;

/** Something that leads requests to a Worker. */
export interface LiveDomain {
  readonly id: string;
  readonly hostname: string;
  readonly zoneId: string;
  readonly zone: string;
}

/** A route of a zone. */
export interface LiveRoute {
  readonly id: string;
  readonly pattern: string;
  readonly zoneId: string;
  readonly zone: string;
}

/** A KV namespace that a Worker is bound to. */
export interface LiveNamespace {
  /** Name of the binding. */
  readonly binding: string;
  readonly id: string;
  readonly title: string;
}

/** A Worker as it is deployed, with everything that leads to it. */
export interface LiveWorker {
  readonly name: string;
  /** Durable Object tag of its last migration. */
  readonly migrationTag: string | undefined;
  /** Its Durable Object classes. */
  readonly classes: readonly string[];
  readonly bindings: readonly LiveBinding[];
  readonly namespaces: readonly LiveNamespace[];
  /** Title and id of every KV namespace of the account. */
  readonly titles: ReadonlyMap<string, string>;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly observability: unknown;
  /** What an upload of this project's program does not name, and so turns off. */
  readonly extras: Readonly<Record<string, unknown>>;
  readonly crons: readonly string[];
  readonly workersDev: boolean;
  readonly previewUrls: boolean;
  readonly domains: readonly LiveDomain[];
  readonly routes: readonly LiveRoute[];
}
