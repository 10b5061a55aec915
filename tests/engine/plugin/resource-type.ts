import type { CloudflareApi } from "./api.ts";
import type { CheckFailure } from "./config.ts";
import type { Value, Values } from "./values.ts";

/** What a program may say of one property of a resource. */
export interface Input {
  readonly required?: true;
  /** Part of the address in the API, in no body. */
  readonly inPath?: true;
  /** Means something to the provider and nothing to the API. */
  readonly isLocal?: true;
  /** A change makes another resource. */
  readonly replaces?: true;
  /** Cloudflare chooses where the program does not, so leaving it out changes nothing. */
  readonly isComputed?: true;
  /** What is sent where the program says nothing. */
  readonly default?: Value;
  /** Its order means nothing. */
  readonly isSet?: true;
  /** Its keys are names that people choose. */
  readonly isMap?: true;
  /**
   * A refresh leaves it as it is: the real provider is blind to drift here, and an import lacks it. Its
   * sources tag such a field `no_refresh`.
   */
  readonly isNotRefreshed?: true;
  /** An update leaves part of it to Cloudflare, so it is named among the changes of every update. */
  readonly isComputedInside?: true;
  /** Nested properties that Cloudflare fills in where the program leaves them out. */
  readonly filledIn?: readonly string[];
  /** Whether a value is secret although the program did not say so. */
  readonly isSecret?: (value: Value) => boolean;
}

/** A resource that exists: its id, and its properties in the clear. */
export interface Existing {
  readonly id: string;
  readonly state: Values;
}

/** How one type of resource lives in the API. Properties come and go in the clear. */
export interface ResourceType {
  readonly inputs: Readonly<Record<string, Input>>;
  /** Properties that only Cloudflare sets. */
  readonly outputs: readonly string[];
  /** Those of them that an update leaves as they are. */
  readonly stableOutputs?: readonly string[];
  /** Whether the real provider's schema of it has no version, and so its state no `__meta`. */
  readonly isUnversioned?: true;
  /** Nested properties of a property's items, or of itself, as the real provider's schema has them. */
  readonly nested?: Readonly<Record<string, readonly string[]>>;
  /** What a plan can be refused for without asking the API. @param folder in which paths begin. */
  check?(inputs: Values, folder: string): CheckFailure[];
  create(api: CloudflareApi, inputs: Values, folder: string): Promise<Existing>;
  /** What is there now, or undefined where it is gone. */
  read(api: CloudflareApi, existing: Existing): Promise<Existing | undefined>;
  /** Missing where every change replaces. */
  update?(api: CloudflareApi, existing: Existing, inputs: Values, folder: string): Promise<Values>;
  /** Missing where the real provider calls nothing, and only forgets. */
  delete?(api: CloudflareApi, existing: Existing): Promise<void>;
  /** The one look that comes before the first read of a resource that was made elsewhere. */
  startImport(api: CloudflareApi, importId: string): Promise<Existing>;
}

/** The inputs with what the real provider fills in where the program says nothing. */
export function applyDefaults({ inputs }: Pick<ResourceType, "inputs">, values: Values): Values {
  const filled = { ...values };
  for (const [name, { default: value }] of Object.entries(inputs)) {
    if (value !== undefined) filled[name] ??= value;
  }
  return filled;
}

/** Names of the inputs that a body is made of. */
export function listBodyInputs({ inputs }: Pick<ResourceType, "inputs">): string[] {
  return Object.entries(inputs)
    .filter(([, input]) => !input.inPath && !input.isLocal)
    .map(([name]) => name);
}
