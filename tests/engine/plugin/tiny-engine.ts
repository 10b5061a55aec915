import {
  accountId,
  canary,
  type Draft,
  describeBindings,
  describeScript,
  others,
  type ResourceName,
  tokens,
  writeBundle,
  zoneFilter,
} from "../../traffic/recorded-stack.ts";
import type { Known, Provider } from "./provider.ts";
import { conceal } from "./secrets.ts";
import { readText, type Values } from "./values.ts";

/** What an `up` did to one resource. */
export type Change = `${"created" | "updated"} ${ResourceName}`;

/** Asks a provider what Pulumi's engine asks, in this process: for where there is no engine. */
export class TinyEngine {
  readonly known = new Map<ResourceName, Known>();
  readonly #provider: Provider;
  readonly #folder: string;

  constructor(provider: Provider, folder: string) {
    this.#provider = provider;
    this.#folder = folder;
  }

  /** What the recorded program asks before it declares anything. */
  async lookUp(): Promise<void> {
    const scripts = "cloudflare:index/getWorkersScripts:getWorkersScripts";
    await this.#provider.lookUp(scripts, { accountId });
    await this.#provider.lookUp("cloudflare:index/getZone:getZone", zoneFilter);
  }

  /** Runs the recorded program. */
  async up(draft: Draft): Promise<Change[]> {
    await this.lookUp();
    const namespace = await this.#apply("namespace", others.namespace);
    const id = readText(namespace.known.state, "id");
    const changes = [namespace.change];
    const script = {
      ...describeScript(draft),
      ...(await writeBundle(this.#folder, draft)),
      bindings: describeBindings(draft, id, conceal(canary)),
    };
    changes.push((await this.#apply("script", script)).change);
    const addresses: ("route" | "domain")[] = draft.isAddressed ? ["route", "domain"] : [];
    for (const name of ["subdomain", "cron", ...addresses] as const) {
      changes.push((await this.#apply(name, others[name])).change);
    }
    return changes.filter((change) => change !== undefined);
  }

  /** Reads everything; gives back the names of what is not as it was. */
  async refresh(): Promise<ResourceName[]> {
    const drifted: ResourceName[] = [];
    for (const [name, known] of this.known) {
      const found = await this.#provider.read(tokens[name], known);
      // As the engine: what differs is for the provider to say.
      const isSame =
        found !== undefined &&
        JSON.stringify(sorted(found.inputs)) === JSON.stringify(sorted(known.inputs)) &&
        this.#provider.diff(tokens[name], found.state, known.inputs).length === 0;
      if (!isSame) drifted.push(name);
      if (found === undefined) this.known.delete(name);
      else this.known.set(name, found);
    }
    return drifted;
  }

  /** Deletes everything, what points at the script first. */
  async destroy(): Promise<void> {
    for (const [name, known] of [...this.known].toReversed()) {
      await this.#provider.delete(tokens[name], known);
    }
    this.known.clear();
  }

  async #apply(
    name: ResourceName,
    inputs: Values,
  ): Promise<{ readonly known: Known; readonly change: Change | undefined }> {
    const token = tokens[name];
    const failures = this.#provider.check(token, inputs);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    const before = this.known.get(name);
    let change: Change | undefined;
    let known: Known;
    if (before === undefined) {
      known = { ...(await this.#provider.create(token, inputs)), inputs };
      change = `created ${name}`;
    } else if (this.#provider.diff(token, before.state, inputs).length > 0) {
      known = { ...before, inputs, state: await this.#provider.update(token, before, inputs) };
      change = `updated ${name}`;
    } else {
      known = { ...before, inputs };
    }
    this.known.set(name, known);
    return { known, change };
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}
