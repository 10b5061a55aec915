import * as z from "zod";

/** How Pulumi marks a value that is not plain JSON. Source: sdk/go/common/resource/sig/sig.go. */
const signatureKey = "4dabf18193072939515e22adb298388d";

/** Replaces a secret in the output of `preview --json` and in some events of the engine. */
const hidden = "[secret]";

/**
 * Replaces a value that only an `up` will know. Sources: `computedValuePlaceholder` in
 * pkg/resource/stack/deployment.go, and the `Unknown…Value` of sdk/go/common/resource/plugin/rpc.go.
 */
const unknownValues: readonly unknown[] = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/** Why a property cannot be read. */
export type Unseen = "secret" | "unknown" | "missing" | "strange";

/** A property, or why it cannot be read. */
export type Seen<Value> = { readonly value: Value } | { readonly unseen: Unseen };

const why: Readonly<Record<Unseen, string>> = {
  secret: "the stack's state holds it as a secret, which was not opened",
  unknown: "only an `up` will know it",
  missing:
    "the stack's state does not have it: an import does not bring it, and the next `up` does",
  strange: "it has a form that this command does not know",
};

export function explainUnseen(unseen: Unseen): string {
  return why[unseen];
}

/** Whether a value is a secret, encrypted, opened or masked. */
export function isSecretValue(value: unknown): boolean {
  return value === hidden || readEnvelope(value) !== undefined;
}

/**
 * Properties of a resource as a state, an event, a preview, an import or the outputs of a stack have them.
 * The one place that takes the marks off. Of a provider that marks no secrets itself, as Cloudflare's, the
 * engine makes a whole property secret as soon as anything in it is: so any property may be a secret, be
 * unknown in a preview, or be missing after an import.
 */
export class Properties {
  readonly #values: Readonly<Record<string, unknown>>;

  /** @param values anything: what is not an object has no properties. */
  constructor(values: unknown) {
    this.#values = z.record(z.string(), z.unknown()).safeParse(values).data ?? {};
  }

  /**
   * Reads one. A secret that was opened (`stack export --show-secrets`) is read; the secrets inside of it
   * stay marked. What the schema takes for undefined is its default if the property is missing.
   */
  read<Value>(name: string, schema: z.ZodType<Value>): Seen<Value> {
    const opened = open(this.#values[name] ?? undefined);
    if (isSecretValue(opened)) return { unseen: "secret" };
    if (unknownValues.includes(opened)) return { unseen: "unknown" };
    const { success, data } = schema.safeParse(opened);
    if (success) return { value: data };
    return { unseen: opened === undefined ? "missing" : holdsMarks(opened) };
  }

  /** The same, and undefined if it cannot be read. */
  find<Value>(name: string, schema: z.ZodType<Value>): Value | undefined {
    const seen = this.read(name, schema);
    return "value" in seen ? seen.value : undefined;
  }

  /** Whether there is one of this name, readable or not. */
  has(name: string): boolean {
    return (this.#values[name] ?? undefined) !== undefined;
  }
}

const envelope = z.looseObject({
  [signatureKey]: z.literal("1b47061264138c4ac30d75fd1eb44270"),
  plaintext: z.string().optional(),
});

function readEnvelope(value: unknown): z.infer<typeof envelope> | undefined {
  if (typeof value !== "object" || value === null || !(signatureKey in value)) return undefined;
  return envelope.safeParse(value).data;
}

/** A secret that was opened; everything else as it is. */
function open(value: unknown): unknown {
  const text = readEnvelope(value)?.plaintext;
  if (typeof text !== "string") return value;
  try {
    return JSON.parse(text);
  } catch {
    return value;
  }
}

/** Why something in it does not fit its schema. */
function holdsMarks(value: unknown): Unseen {
  if (isSecretValue(value)) return "secret";
  if (unknownValues.includes(value)) return "unknown";
  if (typeof value !== "object" || value === null) return "strange";
  const inside = Object.values(value).map(holdsMarks);
  return inside.find((each) => each !== "strange") ?? "strange";
}
