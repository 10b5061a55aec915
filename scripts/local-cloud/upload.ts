import { gzipSync } from "node:zlib";
import * as z from "zod";
import type { WorkerModule } from "../runtime/worker-spec.ts";
import { fail } from "./api-error.ts";
import { type PlanLimits, variableBytes } from "./billing-plan.ts";
import { checkForm } from "./bindings.ts";
import { migrationsSchema } from "./migrations.ts";
import type { Binding, JsonObject } from "./records.ts";

const object = z.record(z.string(), z.unknown());

const binding = z.looseObject({ type: z.string(), name: z.string().min(1) });

/** The part `metadata` of an upload. What is not named here is taken and ignored, as the API does. */
const metadataSchema = z.object({
  main_module: z.string().optional(),
  body_part: z.string().optional(),
  bindings: z.array(binding).default([]),
  keep_bindings: z.array(z.string()).default([]),
  compatibility_date: z
    .union([z.literal(""), z.iso.date()])
    .nullish()
    .transform((date) => date || undefined),
  compatibility_flags: z.array(z.string()).nullish(),
  migrations: migrationsSchema.nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
  limits: object.nullish(),
  placement: object.nullish(),
  observability: object.nullish(),
  logpush: z.boolean().nullish(),
  tail_consumers: z.array(object).nullish(),
  tags: z.array(z.string()).nullish(),
  usage_model: z.string().nullish(),
});

export type Metadata = z.infer<typeof metadataSchema>;

export interface UploadedModule extends WorkerModule {
  readonly contentType: string;
  readonly contents: Uint8Array<ArrayBuffer>;
}

export interface Upload {
  /** The main one first. */
  readonly modules: readonly UploadedModule[];
  readonly metadata: Metadata;
  /** Whether it is refused if a binding has nothing to inherit. Default: that binding is left out. */
  readonly inheritsStrictly?: boolean;
}

/** Kinds of modules by media type. A source map is not one. */
const moduleTypes: Readonly<Record<string, WorkerModule["type"]>> = {
  "application/javascript+module": "ESModule",
  "text/javascript+module": "ESModule",
  "application/javascript": "ESModule",
  "text/javascript": "ESModule",
  "text/plain": "Text",
  "application/octet-stream": "Data",
  "application/wasm": "CompiledWasm",
};

/**
 * Reads the parts of an upload. Their order differs between clients; wrangler gives `metadata` no
 * content type, the Pulumi provider does.
 * @throws ApiError 10021 that names what is wrong.
 */
export async function readUpload(request: Request): Promise<Upload> {
  const form = await request.formData().catch(() => {
    throw fail(400, 10021, "The upload must be multipart/form-data with a part named metadata.");
  });
  const part = form.get("metadata");
  if (part === null) throw fail(400, 10021, "The upload has no part named metadata.");
  const metadata = parseMetadata(typeof part === "string" ? part : await part.text());
  const modules: UploadedModule[] = [];
  for (const [field, value] of form) {
    if (field === "metadata") continue;
    if (typeof value === "string" || value.name === "") throw refuseNameless(field);
    // wrangler and the Pulumi provider call the part so as well; the SDKs for npm and Python call all `files`.
    const { name, type } = value;
    const module = toModule(name, type, new Uint8Array(await value.arrayBuffer()));
    if (module === undefined) continue;
    if (modules.some((other) => other.name === name)) {
      throw fail(400, 10021, `Two parts of the upload have the filename "${name}".`);
    }
    modules.push(module);
  }
  const inheritsStrictly = new URL(request.url).searchParams.get("bindings_inherit") === "strict";
  return { modules: putMainFirst(modules, metadata), metadata, inheritsStrictly };
}

function refuseNameless(field: string) {
  return fail(
    400,
    10021,
    `The part "${field}" has no filename, which is the name of its module: Content-Disposition: form-data; name="${field}"; filename="worker.js".`,
  );
}

/** @throws ApiError 10021 that names the field. */
function parseMetadata(text: string): Metadata {
  return checkMetadata(parseJson(text));
}

/** @throws ApiError 10021 that names the field. */
export function checkMetadata(value: unknown): Metadata {
  const parsed = metadataSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fail(400, 10021, `metadata.${issue?.path.join(".")}: ${issue?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fail(400, 10021, "metadata: it is not JSON.");
  }
}

/** A module by its media type. @returns undefined for what is none. @throws ApiError 10021 */
export function toModule(
  name: string,
  contentType: string,
  contents: Uint8Array<ArrayBuffer>,
): UploadedModule | undefined {
  const [mediaType = ""] = contentType.split(";");
  if (mediaType === "application/source-map") return undefined;
  const type = moduleTypes[mediaType.trim()];
  if (type === undefined) {
    throw fail(
      400,
      10021,
      `The part "${name}" has the content type "${contentType}", which is not a module's.`,
    );
  }
  return { name, type, contentType, contents };
}

/** @throws ApiError 10021 if there is no main module. */
export function putMainFirst(
  modules: readonly UploadedModule[],
  { main_module, body_part }: Pick<Metadata, "main_module" | "body_part">,
): UploadedModule[] {
  if (main_module === undefined) {
    throw fail(
      400,
      10021,
      body_part === undefined
        ? "metadata.main_module: it is missing; it names the part with the entry point."
        : "metadata.body_part: the local cloud takes module syntax only. Export a default object with a fetch handler and name its part in main_module.",
    );
  }
  const main = modules.find(({ name }) => name === main_module);
  if (main?.type !== "ESModule") {
    throw fail(
      400,
      10021,
      `metadata.main_module: no part of type application/javascript+module is named "${main_module}".`,
    );
  }
  return [main, ...modules.filter((module) => module !== main)];
}

/** @throws ApiError for what the account's plan or the platform does not take. */
export function checkUpload({ modules, metadata }: Upload, limits: PlanLimits): void {
  const bytes = modules.reduce((sum, { contents }) => sum + gzipSync(contents).byteLength, 0);
  if (bytes > limits.scriptBytes) {
    throw fail(
      413,
      10027,
      `Your Worker exceeded the size limit of ${limits.scriptBytes / 1024 / 1024} MiB after gzip: it has ${(bytes / 1024 / 1024).toFixed(1)} MiB.`,
    );
  }
  const today = new Date().toISOString().slice(0, 10);
  const { compatibility_date: date } = metadata;
  if (date !== undefined && date > today) {
    throw fail(
      400,
      10021,
      `Can't set compatibility date in the future: ${date}, today is ${today}.`,
    );
  }
}

/** @throws ApiError for bindings that are too many, too large or of the same name. */
export function checkBindingForms(bindings: readonly Binding[], limits: PlanLimits): void {
  const names = new Set<string>();
  for (const binding of bindings) {
    checkForm(binding);
    const { name } = binding;
    if (names.has(name)) throw fail(400, 10021, `metadata.bindings: "${name}" is there twice.`);
    names.add(name);
  }
  const variables = bindings.filter(({ type }) => variableTypes.includes(type));
  if (variables.length > limits.variables) {
    throw fail(
      400,
      10021,
      `metadata.bindings: a Worker may have ${limits.variables} variables and secrets on this plan, and these are ${variables.length}.`,
    );
  }
  if (bindings.length - variables.length > bindingLimit) {
    throw fail(400, 10021, `metadata.bindings: a Worker may have ${bindingLimit} bindings.`);
  }
  for (const { name, type, text, json } of variables) {
    const value = type === "json" ? JSON.stringify(json) : text;
    if (typeof value !== "string" || Buffer.byteLength(value) <= variableBytes) continue;
    throw fail(
      400,
      10021,
      `metadata.bindings: "${name}" has more than ${variableBytes} bytes, which is the most for a variable or secret.`,
    );
  }
}

const bindingLimit = 1000;
const variableTypes: readonly string[] = ["plain_text", "secret_text", "json"];

/** A binding as the API shows it: a secret without its value. */
export function hideSecret(shown: Binding): JsonObject {
  return secretTypes.includes(shown.type) ? { name: shown.name, type: shown.type } : shown;
}

/** Types of bindings whose value is never shown again. */
export const secretTypes: readonly string[] = ["secret_text", "secret_key"];
