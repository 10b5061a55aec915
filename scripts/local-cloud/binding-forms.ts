import * as z from "zod";
import { fail } from "./api-error.ts";
import type { Binding } from "./records.ts";

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
