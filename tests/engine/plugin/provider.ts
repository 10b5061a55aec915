import { CloudflareApi } from "./api.ts";
import { type CheckFailure, checkConfig, readConfig } from "./config.ts";
import { compare, type Difference, listComputed } from "./diff.ts";
import { runLookup } from "./lookups.ts";
import { applyDefaults, type ResourceType } from "./resource-type.ts";
import { findResourceType } from "./resources/index.ts";
import { concealSome, listSecrets, revealAll } from "./secrets.ts";
import { dropEmpty, pick, unknownValue, type Values } from "./values.ts";

/** A resource as the engine knows it. Its properties may be secret. */
export interface Known {
  readonly id: string;
  readonly state: Values;
  readonly inputs: Values;
}

/** What a provider cannot know by itself if it shares a process. */
interface ProviderOptions {
  readonly folder?: string;
  readonly ended?: AbortSignal;
}

/**
 * The provider: what the engine asks of it, in plain values. What is given back is marked where its type
 * says that it is secret, and where a secret came marked.
 */
export class Provider {
  readonly #folder: string;
  readonly #ended: AbortSignal | undefined;
  #api: CloudflareApi | undefined;

  /**
   * @param folder in which paths begin. Default: this process's.
   * @param ended when no call may go on. Default: nothing says so.
   */
  constructor({ folder = process.cwd(), ended }: ProviderOptions = {}) {
    this.#folder = folder;
    this.#ended = ended;
  }

  /** Refuses settings that cannot be right. */
  checkConfig(settings: Values): CheckFailure[] {
    return checkConfig(revealAll(settings));
  }

  /** Takes the settings. Nothing is asked of the API: the first call finds out what is wrong. */
  configure(settings: Values, environment: NodeJS.ProcessEnv): void {
    this.#api = new CloudflareApi(readConfig(revealAll(settings), environment), this.#ended);
  }

  /** Refuses what the real provider refuses at plan time. */
  check(token: string, inputs: Values): CheckFailure[] {
    const type = findResourceType(token);
    const plain = dropEmpty(revealAll(inputs));
    const strange = Object.keys(plain)
      .filter((property) => !(property in type.inputs) && !property.startsWith("__"))
      .map((property) => ({
        property,
        reason: "the stand-in for the Cloudflare provider does not know this property",
      }));
    const missing = Object.entries(type.inputs)
      .filter(([property, { required }]) => required && !(property in plain))
      .map(([property]) => ({ property, reason: `Missing required property '${property}'` }));
    return [...strange, ...missing, ...(type.check?.(plain, this.#folder) ?? [])];
  }

  /** What an update would change. */
  diff(token: string, state: Values, inputs: Values): Difference[] {
    return compare(findResourceType(token), revealAll(state), revealAll(inputs));
  }

  /** What every update of it is said to change, besides. */
  listComputed(token: string, inputs: Values): string[] {
    return listComputed(findResourceType(token), revealAll(inputs));
  }

  /** What a create or an update would leave, as far as a preview can know it. */
  plan(token: string, inputs: Values, before: Values = {}): Values {
    const type = findResourceType(token);
    const state = revealAll(before);
    const wanted = dropEmpty(applyDefaults(type, revealAll(inputs)));
    const chosen = Object.keys(type.inputs).filter((name) => type.inputs[name]?.isComputed);
    const planned = {
      ...Object.fromEntries([...type.outputs, ...chosen].map((name) => [name, unknownValue])),
      // What Cloudflare has chosen it keeps; what it reports it may report anew.
      ...pick(state, ["id", ...(type.stableOutputs ?? []), ...chosen]),
      ...wanted,
    };
    return markSecrets(type, planned, inputs);
  }

  /** Makes a resource. */
  async create(token: string, inputs: Values): Promise<Omit<Known, "inputs">> {
    const type = findResourceType(token);
    const { id, state } = await type.create(this.#ready(), knownInputs(type, inputs), this.#folder);
    return { id, state: markSecrets(type, state, inputs) };
  }

  /** Looks at a resource, or takes one in that was made elsewhere. Undefined where it is gone. */
  async read(token: string, known: Known): Promise<Known | undefined> {
    const type = findResourceType(token);
    const isImport = Object.keys(known.state).length === 0;
    const existing = isImport
      ? await type.startImport(this.#ready(), known.id)
      : { id: known.id, state: revealAll(known.state) };
    const found = await type.read(this.#ready(), existing);
    if (found === undefined) return undefined;
    const state = markSecrets(type, found.state, known.state, known.inputs);
    const names = Object.keys(type.inputs);
    const inputs = isImport ? pick(state, names) : followDrift(known, state, found.state, names);
    return { id: found.id, state, inputs };
  }

  /** Changes a resource; gives back its state. */
  async update(token: string, known: Known, inputs: Values): Promise<Values> {
    const type = findResourceType(token);
    if (type.update === undefined) throw new Error(`${token} cannot be updated, only replaced.`);
    const existing = { id: known.id, state: revealAll(known.state) };
    const wanted = knownInputs(type, inputs);
    const state = await type.update(this.#ready(), existing, wanted, this.#folder);
    return markSecrets(type, state, inputs);
  }

  /** Deletes a resource; of some types the provider only forgets. */
  async delete(token: string, { id, state }: Omit<Known, "inputs">): Promise<void> {
    await findResourceType(token).delete?.(this.#ready(), { id, state: revealAll(state) });
  }

  /** Finds what a program asks for. */
  lookUp(token: string, inputs: Values): Promise<Values> {
    return runLookup(this.#ready(), token, dropEmpty(revealAll(inputs)));
  }

  #ready(): CloudflareApi {
    if (this.#api === undefined) throw new Error("The provider was not configured.");
    return this.#api;
  }
}

/** The inputs in the clear, without what the engine or another provider version keeps beside them. */
function knownInputs(type: ResourceType, inputs: Values): Values {
  return pick(revealAll(inputs), Object.keys(type.inputs));
}

/** Marks as a whole each property that was secret before, or is by its type. */
function markSecrets(type: ResourceType, state: Values, ...before: Values[]): Values {
  const byType = Object.entries(type.inputs)
    .filter(([name, { isSecret }]) => state[name] !== undefined && isSecret?.(state[name]))
    .map(([name]) => name);
  return concealSome(state, [...byType, ...before.flatMap(listSecrets)]);
}

/**
 * The inputs that would lead to what is there now: the old ones as they were, secrets inside of them
 * too, but for the properties that a refresh found changed.
 */
function followDrift(known: Known, state: Values, plain: Values, names: string[]): Values {
  const before = revealAll(known.state);
  const followed = { ...known.inputs };
  for (const name of names) {
    if (!(name in followed) || JSON.stringify(before[name]) === JSON.stringify(plain[name]))
      continue;
    const value = state[name];
    if (value === undefined) delete followed[name];
    else followed[name] = value;
  }
  return followed;
}
