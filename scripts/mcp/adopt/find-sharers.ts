import * as z from "zod";
import { resourceType } from "../stack/declared.ts";
import { collect, createExplorer } from "../stack/explore.ts";
import { Properties } from "../stack/properties.ts";
import type { StackAccount } from "../stack/stack-account.ts";
import type { StateResource } from "../stack/state.ts";
import type { Address } from "./choose-address.ts";
import { type LiveBinding, type LiveWorker, liveBinding } from "./live-worker.ts";
import type { SortedBindings } from "./sort-bindings.ts";

/** Workers whose bindings are read at the same time. */
const atOnce = 8;

/** Another Worker of the account, with what it is bound to. */
export interface OtherWorker {
  readonly name: string;
  readonly bindings: readonly LiveBinding[];
}

/** Another stack of this project, with what its state holds. */
export interface OtherStack {
  readonly name: string;
  readonly resources: readonly StateResource[];
}

/** Something that comes under the stack, or that its Worker stays bound to, and that others use too. */
export interface Shared {
  /** What it is, as "KV namespace". */
  readonly kind: string;
  /** Its title, name or pattern. */
  readonly name: string;
  /** Binding of the Worker that is adopted; undefined for a domain or a route. */
  readonly binding: string | undefined;
  /** Whether it is the OAuth store, which has the people in it. */
  readonly isStore: boolean;
  /** Names of other Workers that are bound to it. */
  readonly workers: readonly string[];
  /** Names of other stacks that have it. */
  readonly stacks: readonly string[];
}

const settingsForm = z.looseObject({ bindings: z.array(liveBinding).nullish() });

/**
 * Reads what every other Worker of the account is bound to: Cloudflare has no list of who uses a
 * namespace, a database, a bucket or a queue.
 * @throws Refusal for a token that may not read it.
 */
export async function readOtherWorkers(
  account: StackAccount,
  worker: string,
): Promise<OtherWorker[]> {
  const account_id = account.accountId;
  const { ask, find } = createExplorer(account);
  const scripts = await ask("scripts", (client) =>
    collect(client.workers.scripts.list({ account_id })),
  );
  const names = scripts.flatMap(({ id }) => (id === undefined || id === worker ? [] : id));
  const read = async (name: string): Promise<OtherWorker> => {
    // One that is deleted meanwhile uses nothing.
    const settings = await find("scripts", (client) =>
      client.workers.scripts.scriptAndVersionSettings.get(name, { account_id }),
    );
    return { name, bindings: settingsForm.parse(settings ?? {}).bindings ?? [] };
  };
  const workers: OtherWorker[] = [];
  for (let start = 0; start < names.length; start += atOnce) {
    workers.push(...(await Promise.all(names.slice(start, start + atOnce).map(read))));
  }
  return workers;
}

/** What is taken, and everybody else who may have it. */
export interface SharingParts {
  readonly live: LiveWorker;
  readonly bindings: SortedBindings;
  readonly address: Address;
  readonly workers: readonly OtherWorker[];
  readonly stacks: readonly OtherStack[];
}

/** Everything of the Worker that somebody else uses, too. */
export function findShared({ live, bindings, address, workers, stacks }: SharingParts): Shared[] {
  const { store, kept } = bindings;
  const stored = live.bindings.filter(({ name }) => name === store?.binding);
  const used = [...stored, ...kept].flatMap((binding): Shared[] => {
    const thing = readThing(binding);
    if (thing === undefined) return [];
    return [
      {
        kind: thing.kind,
        name: live.titles.get(thing.id) ?? thing.id,
        binding: binding.name,
        isStore: binding.name === store?.binding,
        workers: workers
          .filter((other) => other.bindings.some((each) => isSame(readThing(each), thing)))
          .map(({ name }) => name),
        stacks: listStacks(stacks, thing.type, (resource) =>
          [resource.id, readText(resource, "name")].includes(thing.id),
        ),
      },
    ];
  });
  const domains = [address.customDomain].flatMap((each) => each ?? []);
  return [
    ...used,
    ...domains.map(({ hostname }) => ({
      ...toPlace("domain", hostname),
      stacks: listStacks(
        stacks,
        resourceType.domain,
        (resource) => readText(resource, "hostname") === hostname,
      ),
    })),
    ...address.routes.map(({ id, pattern }) => ({
      ...toPlace("route", pattern),
      stacks: listStacks(stacks, resourceType.route, (each) => each.id === id),
    })),
  ].filter((each) => each.workers.length > 0 || each.stacks.length > 0);
}

/** A domain or a route leads to one Worker: Cloudflare sees to that. */
function toPlace(kind: string, name: string) {
  return { kind, name, binding: undefined, isStore: false, workers: [] };
}

/** What stands behind a binding, and which resource a stack would have it as. */
interface Thing {
  readonly kind: string;
  readonly type: string | undefined;
  readonly id: string;
}

function readThing({ type, ...members }: LiveBinding): Thing | undefined {
  const read = (...names: string[]) =>
    names.map((name) => members[name]).find((value) => typeof value === "string" && value !== "");
  const [kind, id, resource] = ((): readonly [string, unknown, string?] => {
    switch (type) {
      case "kv_namespace":
        return ["KV namespace", read("namespace_id"), resourceType.namespace];
      case "d1":
        return ["D1 database", read("database_id", "id"), resourceType.database];
      case "r2_bucket":
        return ["R2 bucket", read("bucket_name"), resourceType.bucket];
      case "queue":
        return ["queue", read("queue_name")];
      default:
        return ["", undefined];
    }
  })();
  return typeof id === "string" ? { kind, type: resource, id } : undefined;
}

/** What a stack gave, or where the state hides that, what the provider read. */
function readText({ inputs, outputs }: StateResource, name: string): string | undefined {
  return (
    new Properties(inputs).find(name, z.string()) ?? new Properties(outputs).find(name, z.string())
  );
}

function isSame(one: Thing | undefined, other: Thing): boolean {
  return one !== undefined && one.kind === other.kind && one.id === other.id;
}

function listStacks(
  stacks: readonly OtherStack[],
  type: string | undefined,
  isIt: (resource: StateResource) => boolean,
): string[] {
  return stacks
    .filter(({ resources }) => resources.some((each) => each.type === type && isIt(each)))
    .map(({ name }) => name);
}
