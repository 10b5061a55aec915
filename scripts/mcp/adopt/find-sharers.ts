import * as z from "zod";
import {
  type DeployedBinding,
  listWorkers,
  readWorkerSettings,
} from "../../../infra/deployed-worker.ts";
import { resourceType } from "../../../infra/resource-types.ts";
import { UserError } from "../../errors.ts";
import { createExplorer } from "../stack/explore.ts";
import { Properties } from "../stack/properties.ts";
import type { StackAccount } from "../stack/stack-account.ts";
import type { StateResource } from "../stack/state.ts";
import type { Address } from "./choose-address.ts";
import type { FoundWorker } from "./found-worker.ts";
import type { SortedBindings } from "./sort-bindings.ts";

/** Workers whose bindings are read at the same time. */
const atOnce = 8;

/** Another Worker of the account, with what it is bound to. */
export interface OtherWorker {
  readonly name: string;
  readonly bindings: readonly DeployedBinding[];
}

/** Another stack of this project, with what its state holds. */
export interface OtherStack {
  readonly name: string;
  readonly resources: readonly StateResource[];
}

/** Something that comes under the stack, or that its Worker stays bound to, and that others use too. */
export interface Shared {
  /** Its kind, as "KV namespace". */
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

/**
 * Reads what every other Worker of the account is bound to: Cloudflare has no list of who uses a
 * namespace, a database, a bucket or a queue.
 * @throws UserError for a token that may not read it.
 */
export async function readOtherWorkers(
  account: StackAccount,
  worker: string,
): Promise<OtherWorker[]> {
  const account_id = account.accountId;
  const { ask, find } = createExplorer(account);
  const all = await ask("scripts", (client) => listWorkers(client, account_id));
  const names = all.map(({ name }) => name).filter((name) => name !== worker);
  const read = async (name: string): Promise<OtherWorker> => {
    // One that is deleted meanwhile uses nothing.
    const settings = await find("scripts", (client) =>
      readWorkerSettings(client, account_id, name),
    );
    return { name, bindings: settings?.bindings ?? [] };
  };
  const workers: OtherWorker[] = [];
  for (let start = 0; start < names.length; start += atOnce) {
    workers.push(...(await Promise.all(names.slice(start, start + atOnce).map(read))));
  }
  return workers;
}

export interface SharingParts {
  readonly live: FoundWorker;
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

/** The thing behind a binding, and the type of resource that a stack would have it as. */
interface Thing {
  readonly kind: string;
  readonly type: string | undefined;
  readonly id: string;
}

function readThing({ type, ...members }: DeployedBinding): Thing | undefined {
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

/** The text that a stack gave, or, if the state hides it, the one that the provider read. */
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

/**
 * One thing has one owner: two stacks that both count on it would undo each other's work, and people of
 * two servers in one OAuth store are each other's to see and to sign out.
 * @param allowed Workers that the person named, which may keep using what the stack takes.
 * @throws UserError that names the others, and the ways out.
 */
export function refuseShared(shared: readonly Shared[], allowed: readonly string[]): void {
  const refused = shared.flatMap((each) => {
    const workers = each.workers.filter((name) => !allowed.includes(name));
    return workers.length > 0 || each.stacks.length > 0 ? [{ ...each, workers }] : [];
  });
  if (refused.length === 0) return;
  throw new UserError(refused.map(describeRefused).join("\n"));
}

function describeRefused(shared: Shared): string {
  const { kind, name, binding, isStore, workers, stacks } = shared;
  const bound = binding === undefined ? "" : `, bound as ${binding},`;
  const option = isStore ? "--kv-binding" : binding === undefined ? "--worker" : "--drop";
  const head = `${option}: the ${kind} "${name}"${bound} is used by ${describeUsers(shared)} as well, and under a stack it has one owner.`;
  if (stacks.length > 0) {
    return `${head} Both stacks would change and delete it. Take it out of the state of ${stacks.map((stack) => `"${stack}"`).join(" and ")} first (\`npx pulumi state delete\`, or \`npm run mcp -- adopt --undo\` if that stack has only adopted it)${isStore ? ", or name another binding; --kv-binding none makes a new, empty one" : ""}.`;
  }
  const consent = workers.map((worker) => `--shared-with ${worker}`).join(" ");
  if (isStore) {
    return `${head} \`admin\` of this stack would show and sign out their people, and theirs this one's. Give the other a namespace of its own (\`npx wrangler kv namespace create\`, its id in that Worker's wrangler file, \`npx wrangler deploy\`), or delete it if nobody needs it; or take --kv-binding none, which makes a new, empty one for this stack, where everybody signs in once more. If it signs in nobody and only reads: ${consent}.`;
  }
  return `${head} What one writes, the other reads. Leave it out with --drop ${binding}, give the other its own; or, if both are to use it, ${consent}.`;
}

export function describeUsers({ workers, stacks }: Shared): string {
  const list = (kind: string, names: readonly string[]) =>
    names.map((name) => `the ${kind} "${name}"`);
  return [...list("Worker", workers), ...list("stack", stacks)].join(", ");
}

/** Other Workers that call this one or its objects, whose answers change with the next `up`. */
export function describeCallers(worker: string, others: readonly OtherWorker[]): string[] {
  return others.flatMap(({ name, bindings }) =>
    bindings.flatMap((binding) => {
      if (binding.type === "service" && binding.service === worker) {
        return [`the Worker "${name}" calls it, by its binding ${binding.name}`];
      }
      if (binding.type !== "durable_object_namespace" || binding.script_name !== worker) return [];
      return [
        `the Worker "${name}" uses its Durable Objects of the class ${binding.class_name}, by its binding ${binding.name}: after the next \`up\` they answer 410`,
      ];
    }),
  );
}
