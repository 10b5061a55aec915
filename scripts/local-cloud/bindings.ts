import * as z from "zod";
import { fail } from "./api-error.ts";
import type { Binding, Records, Version } from "./records.ts";
import type { Metadata } from "./upload.ts";

const text = z.string();

/** Members of each kind of binding, besides `name` and `type`. */
const forms: Readonly<Record<string, z.ZodType>> = {
  ai: z.object({}),
  d1: z.union([z.object({ id: text }), z.object({ database_id: text })]),
  durable_object_namespace: z.object({ class_name: text }),
  json: z.object({ json: z.json() }),
  kv_namespace: z.object({ namespace_id: text }),
  plain_text: z.object({ text }),
  r2_bucket: z.object({ bucket_name: text }),
  ratelimit: z.object({
    namespace_id: text,
    simple: z.object({
      limit: z.int().min(1),
      period: z.union([z.literal(10), z.literal(60)], "must be 10 or 60 seconds"),
    }),
  }),
  secret_text: z.object({ text }),
  service: z.object({ service: text }),
  version_metadata: z.object({}),
};

/**
 * Checks what a binding is made of. A kind that does not run here is refused: left out, it would be
 * missing in the Worker without a word.
 * @throws ApiError 10021 that names the binding and its member.
 */
export function checkForm(binding: Binding): void {
  const form = forms[binding.type];
  if (form === undefined) {
    throw fail(
      400,
      10021,
      `metadata.bindings: "${binding.name}" is of type "${binding.type}", which the local cloud does not have. It has ${Object.keys(forms).join(", ")}.`,
    );
  }
  const parsed = form.safeParse(binding);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  const member = issue?.path.join(".") ?? "";
  throw fail(
    400,
    10021,
    `metadata.bindings: "${binding.name}" (${binding.type})${member && `, ${member}`}: ${issue?.message}`,
  );
}

/** Where a new version inherits bindings from. */
export interface Inheritance {
  readonly before: Version | undefined;
  /** Another version of the same Worker. */
  readonly findVersion: (id: string) => Version | undefined;
  /** Refuses what is not there to inherit. Otherwise it is left out, as Cloudflare does. */
  readonly isStrict: boolean;
}

/**
 * The bindings of a new version: those of the upload, with what it inherits from the version before
 * by name (`inherit`) or by type (`keep_bindings`). Sorted by name, as the API gives them back.
 * @throws ApiError 10057 if there is nothing to inherit.
 */
export function resolveBindings(
  { bindings, keep_bindings }: Pick<Metadata, "bindings" | "keep_bindings">,
  { before, findVersion, isStrict }: Inheritance,
): Binding[] {
  const named = new Set(bindings.map(({ name }) => name));
  const kept = (before?.bindings ?? []).filter(
    ({ name, type }) => keep_bindings.includes(type) && !named.has(name),
  );
  const resolved = bindings.flatMap((binding): Binding[] => {
    if (binding.type !== "inherit") return [binding];
    const { name, old_name, version_id } = binding;
    const isNamed = typeof version_id === "string" && version_id !== "latest";
    const from = isNamed ? findVersion(version_id) : before;
    const oldName = typeof old_name === "string" ? old_name : name;
    const found = from?.bindings.find((each) => each.name === oldName);
    if (found === undefined) {
      if (!isStrict) return [];
      throw fail(
        400,
        10057,
        `metadata.bindings: "${name}" inherits "${oldName}", which the version before does not have.`,
      );
    }
    return [{ ...found, name }];
  });
  return [...resolved, ...kept].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * Checks that what bindings lead to exists, but for a Worker's own Durable Object classes.
 * @throws ApiError that names the binding.
 */
export function checkTargets(
  bindings: readonly Binding[],
  records: Records,
  account: string,
  scriptName: string,
): void {
  const find = (name: unknown) =>
    records.scripts.list((each) => each.account === account && each.name === name).at(0);
  for (const binding of bindings) {
    switch (binding.type) {
      case "kv_namespace": {
        const namespace = records.namespaces.get(String(binding.namespace_id));
        if (namespace?.account === account) break;
        throw fail(
          400,
          10041,
          `KV namespace '${binding.namespace_id}' not found. (binding ${binding.name})`,
        );
      }
      case "durable_object_namespace": {
        const { script_name, class_name } = binding;
        if (!script_name || script_name === scriptName) break;
        const script = find(script_name);
        if (script?.classes[String(class_name)] !== undefined) break;
        throw fail(
          400,
          10061,
          `Cannot create binding for class '${class_name}' in script '${script_name}' because ${script === undefined ? "that script does not exist" : "it is not configured to implement Durable Objects"}. (binding ${binding.name})`,
        );
      }
      case "service": {
        if (binding.service === scriptName || find(binding.service) !== undefined) break;
        throw fail(
          400,
          10143,
          `Could not resolve service binding '${binding.name}'. Target script '${binding.service}' not found.`,
        );
      }
      case "d1": {
        const database = records.databases.get(String(binding.id ?? binding.database_id));
        if (database?.account === account) break;
        throw fail(400, 10021, `D1 database '${binding.id}' not found. (binding ${binding.name})`);
      }
      case "r2_bucket": {
        if (records.buckets.get(`${account}/${binding.bucket_name}`) !== undefined) break;
        throw fail(
          400,
          10085,
          `R2 bucket '${binding.bucket_name}' not found. (binding ${binding.name})`,
        );
      }
    }
  }
}

/** Durable Object classes of its own that a Worker binds. */
export function listBoundClasses(bindings: readonly Binding[], scriptName: string): string[] {
  return bindings
    .filter(
      ({ type, script_name }) =>
        type === "durable_object_namespace" && (!script_name || script_name === scriptName),
    )
    .map(({ class_name }) => String(class_name));
}
