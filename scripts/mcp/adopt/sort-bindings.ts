import { serverBindingNames } from "../../../infra/bindings.ts";
import type { DeployedBinding } from "../../../infra/deployed-worker.ts";
import { type SecretName, secretSettings } from "../../../infra/settings.ts";
import type { ToolDeclaration } from "../../../worker/kit/needs.ts";
import { UserError } from "../../errors.ts";
import type { FoundNamespace, FoundWorker } from "./found-worker.ts";

export interface SortedBindings {
  /** The one that becomes the stack's OAuth store. Undefined: the stack makes a new one. */
  readonly store: FoundNamespace | undefined;
  /** Kept as they are, by name. */
  readonly kept: readonly DeployedBinding[];
  /** Gone with the next upload, and why. */
  readonly going: readonly { readonly binding: DeployedBinding; readonly why: string }[];
  /** Replaced by one of the program's own of the same name. */
  readonly replaced: readonly DeployedBinding[];
  /** Secret settings whose binding the Worker has: to use them, the stack must know them. */
  readonly askable: readonly { readonly binding: string; readonly setting: SecretName }[];
}

export interface BindingChoice {
  /** Binding of the KV namespace with the OAuth data; "none" for a new one. */
  readonly kvBinding?: string | undefined;
  /** Bindings that need not be kept. */
  readonly drop: readonly string[];
}

/** Parts of an upload that hang on the old code. */
const codeTypes: readonly string[] = ["assets", "wasm_module", "text_blob", "data_blob"];

/** Settings that become a binding, by the binding's name. */
const secretBindings = new Map<string, SecretName>(
  Object.entries(secretSettings).map(([setting, { binding }]) => [binding, setting as SecretName]),
);

/** Bindings that open this server to whoever knows their value: that of an older program is anybody's. */
const doors: ReadonlySet<string> = new Set(
  [secretSettings.probeSecret, secretSettings.demoPassword].map(({ binding }) => binding),
);

/** Bindings that only some stacks have. */
const optional: readonly string[] = ["ACCESS_AUDIENCE", "MACHINE_SECRETS"];

/** Names that the program always declares, whatever its tools need. */
const declaredAlways: readonly string[] = serverBindingNames.filter(
  (name) => !secretBindings.has(name) && !optional.includes(name),
);

/**
 * Decides what becomes of each binding. What the program does not declare is kept, unless the person
 * says otherwise: an upload would drop it, and nobody can read a secret back.
 * @param tools of the server that takes the Worker over: the program declares the bindings that they need.
 * @throws UserError if it is not clear which namespace holds the OAuth data, or a name is not there.
 */
export function sortBindings(
  live: FoundWorker,
  choice: BindingChoice,
  tools: readonly ToolDeclaration[],
): SortedBindings {
  refuseOwnWorker(live);
  const declared = new Set([
    ...declaredAlways,
    ...tools.flatMap(({ needs }) => Object.keys(needs?.bindings ?? {})),
  ]);
  const { bindings } = live;
  const unknown = choice.drop.find((name) => !bindings.some((each) => each.name === name));
  if (unknown !== undefined) {
    throw new UserError(
      `--drop: the Worker "${live.name}" has no binding "${unknown}". It has: ${listNames(bindings)}.`,
    );
  }
  const store = chooseStore(live, choice.kvBinding);
  const kept: DeployedBinding[] = [];
  const going: { binding: DeployedBinding; why: string }[] = [];
  const replaced: DeployedBinding[] = [];
  for (const binding of bindings) {
    const why = findReason(binding, live, store, choice);
    if (declared.has(binding.name)) {
      if (binding.name !== store?.binding) replaced.push(binding);
    } else if (why === undefined) kept.push(binding);
    else going.push({ binding, why });
  }
  return {
    store,
    kept,
    going,
    replaced,
    askable: kept.flatMap(({ name, type }) => {
      const setting = type === "secret_text" ? secretBindings.get(name) : undefined;
      return setting === undefined ? [] : [{ binding: name, setting }];
    }),
  };
}

/** Why a binding goes; undefined if it is kept. */
function findReason(
  { name, type, script_name: script }: DeployedBinding,
  live: FoundWorker,
  store: FoundNamespace | undefined,
  { drop }: BindingChoice,
): string | undefined {
  if (drop.includes(name)) return "--drop names it";
  if (doors.has(name)) return "it would open this server to whoever chose its value; set a new one";
  if (name === store?.binding) return "the namespace is bound as OAUTH_KV";
  if (type === "durable_object_namespace" && (!script || script === live.name)) {
    return "no code calls its objects any more, which stay";
  }
  return codeTypes.includes(type) ? "it belongs to the old code" : undefined;
}

/** @throws UserError */
function chooseStore(live: FoundWorker, wanted: string | undefined): FoundNamespace | undefined {
  const { namespaces } = live;
  if (wanted === "none") return undefined;
  const named = wanted ?? "OAUTH_KV";
  const found = namespaces.find(({ binding }) => binding === named);
  if (found !== undefined || (wanted === undefined && namespaces.length === 0)) return found;
  const all = namespaces.map(({ binding, title }) => `${binding} ("${title}")`).join(", ");
  const reason =
    wanted === undefined
      ? `it is not clear which KV namespace of "${live.name}" holds the OAuth data`
      : `"${live.name}" has no KV namespace bound as "${wanted}"`;
  throw new UserError(
    `--kv-binding: ${reason}. It has: ${all || "none"}. Name one, or "none" for a new, empty one.`,
  );
}

/**
 * A Worker of this project has keys on which people's ids hang. They cannot be read back, and an adopting
 * stack would make new ones.
 */
function refuseOwnWorker({ name, bindings }: FoundWorker): void {
  const has = (wanted: string) => bindings.some((each) => each.name === wanted);
  if (!has("SUBJECT_KEY") || !has("SETTINGS")) return;
  throw new UserError(
    `--worker: "${name}" was deployed by this project, from a stack. Its keys are in that stack's state alone, and with new ones nobody would find what they stored. Restore that state (\`npx pulumi stack import\`); if it is lost for good, docs/deploy.md says how a new stack takes over the KV namespace.`,
  );
}

function listNames(bindings: readonly DeployedBinding[]): string {
  return bindings.map(({ name }) => name).join(", ") || "none";
}
