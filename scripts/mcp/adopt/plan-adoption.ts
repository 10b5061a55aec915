import * as z from "zod";
import { createLiveAccount } from "../../../infra/live-account.ts";
import { ownFeatures } from "../../../worker/features.ts";
import type { DeclaredResource } from "../../dev/declared-resource.ts";
import { runWithMocks } from "../../dev/run-with-mocks.ts";
import { UserError } from "../../errors.ts";
import { mostRead } from "../admin/account-kv.ts";
import { createExplorer, listKvKeys } from "../stack/explore.ts";
import { findStackAccount, type StackAccount } from "../stack/stack-account.ts";
import {
  addSettings,
  type PlannedSettings,
  planSettings,
  readPlainValues,
} from "./adopted-settings.ts";
import { type Address, chooseAddress } from "./choose-address.ts";
import {
  describeCallers,
  findShared,
  readOtherWorkers,
  refuseShared,
  type Shared,
} from "./find-sharers.ts";
import { type FoundWorker, readWorker } from "./found-worker.ts";
import { type AdoptionDifference, listDifferences } from "./list-differences.ts";
import { type ImportItem, listImports } from "./list-imports.ts";
import { type AdoptingStack, findMissing } from "./open-stack.ts";
import { type BindingChoice, type SortedBindings, sortBindings } from "./sort-bindings.ts";

export interface AdoptionChoice extends BindingChoice {
  /** The public URL, if several hosts lead to the Worker. */
  readonly url?: URL | undefined;
  /** The endpoint of grants that name none. Default: what the Worker serves. */
  readonly legacyResource?: "mcp" | "sse" | undefined;
  /** Other Workers that may keep using what the stack takes. */
  readonly sharedWith?: readonly string[] | undefined;
}

/** How a Worker comes under a stack. */
export interface AdoptionPlan {
  readonly live: FoundWorker;
  readonly address: Address;
  readonly bindings: SortedBindings;
  /** Public base URL without a slash at the end. */
  readonly origin: string;
  readonly settings: PlannedSettings;
  /** Text of the settings file, with them. */
  readonly file: string;
  /** Everything that is there and the program declares. */
  readonly imports: readonly ImportItem[];
  /** Those that the state still lacks. */
  readonly missing: readonly ImportItem[];
  readonly differences: readonly AdoptionDifference[];
  /** Undefined if the Worker has no OAuth store. */
  readonly grants: GrantCount | undefined;
  /** How people will sign in. */
  readonly identityMethod: string;
  /** Resources that other Workers use too, as the person allowed. */
  readonly shared: readonly Shared[];
  /** Other Workers that call this one, in words. */
  readonly callers: readonly string[];
}

/**
 * Plans the adoption of a Worker. Reads the account, and changes nothing.
 * @throws UserError if the Worker cannot come under this stack, or the person must decide something.
 * @throws UserError if the token may not read it, or the program refuses the settings.
 */
export async function planAdoption(
  stack: AdoptingStack,
  worker: string,
  choice: AdoptionChoice,
): Promise<AdoptionPlan> {
  const account = findStackAccount(
    stack.project,
    stack.config,
    '"Account, Workers Scripts: Edit"; docs/deploy.md lists the others',
  );
  const live = await readWorker(account, worker);
  const bindings = sortBindings(live, choice, ownFeatures.tools);
  const address = chooseAddress(live, choice.url);
  const workers = await readOtherWorkers(account, worker);
  const shared = findShared({ live, bindings, address, workers, stacks: stack.others });
  refuseShared(shared, choice.sharedWith ?? []);
  const grants = bindings.store && (await countGrants(account, bindings.store.id));

  const first = planSettings({ live, address, bindings, legacyGrantResource: undefined });
  const { origin } = await declare(stack, first);
  const legacyGrantResource =
    grants === undefined || grants.unbound === 0
      ? undefined
      : (choice.legacyResource ?? (await findEndpoint(origin)));
  const settings = planSettings({ live, address, bindings, legacyGrantResource });
  const { resources } = await declare(stack, settings);
  refuseTakenTitle(live, bindings);

  const { accountId } = account;
  const imports = listImports({ accountId, declared: resources, live, store: bindings.store });
  const identityKey = `${stack.project}:identityMethod`;
  return {
    live,
    address,
    bindings,
    origin,
    settings,
    file: addSettings(stack.name, stack.file, stack.project, settings),
    imports,
    missing: findMissing(stack, imports),
    differences: listDifferences({ live, bindings, declared: resources, imports }),
    grants,
    identityMethod: stack.config[identityKey]?.value || "demo",
    shared,
    callers: describeCallers(worker, workers),
  };
}

/** Runs the program with the planned settings in the stack's own. */
function declare({ name, project, config, file }: AdoptingStack, settings: PlannedSettings) {
  const values = Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value]));
  const planned = readPlainValues(name, addSettings(name, file, project, settings), project);
  const secretKeys = Object.keys(config).filter((key) => config[key]?.secret === true);
  return declareStack({ project, stack: name, values: { ...values, ...planned }, secretKeys });
}

/** The endpoint that the Worker protects: an older one has only one of them. */
async function findEndpoint(origin: string): Promise<"mcp" | "sse"> {
  const isProtected = async (path: string) => {
    try {
      const answer = await fetch(`${origin}/${path}`, {
        headers: { accept: "text/event-stream" },
        signal: AbortSignal.timeout(5000),
      });
      await answer.body?.cancel();
      return answer.status === 401;
    } catch {
      // Nothing that answers: the usual one then.
      return false;
    }
  };
  return !(await isProtected("mcp")) && (await isProtected("sse")) ? "sse" : "mcp";
}

/** The store gets the title that its stack gives it. */
function refuseTakenTitle(live: FoundWorker, { store }: SortedBindings): void {
  const title = `${live.name}-oauth`;
  const taken = [...live.titles].find(([id, each]) => each === title && id !== store?.id);
  if (taken === undefined || store === undefined) return;
  throw new UserError(
    `--kv-binding: the stack's store is titled "${title}", and another KV namespace (${taken[0]}) has this title. Rename or delete that one in the dashboard first; or, if it holds the OAuth data, name its binding.`,
  );
}

/** A stack that may not be there yet. */
interface StackInput {
  readonly project: string;
  readonly stack: string;
  readonly values: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

interface DeclaredStack {
  readonly resources: readonly DeclaredResource[];
  /** Public base URL without a slash at the end. */
  readonly origin: string;
}

/**
 * Runs the stack's program without an engine; the account is the real one, and is only read.
 * @throws UserError if the program refuses the stack.
 */
async function declareStack(input: StackInput): Promise<DeclaredStack> {
  const { resources, outputs } = await runWithMocks(
    { ...input, keys: {} },
    { parts: { createAccount: createLiveAccount } },
  );
  return { resources, origin: outputs.url.replace(/\/$/, "") };
}

/** Grants whose record is looked at, at most. */
const mostLooked = 1000;

/** Who has access by what an OAuth library left in a KV namespace. */
interface GrantCount {
  readonly grants: number;
  readonly clients: number;
  /** Those among the first thousand that name no resource: an older library made them. */
  readonly unbound: number;
  /** Those among the first thousand by the resource that they name. */
  readonly bound: Readonly<Record<string, number>>;
}

const grantRecord = z.object({
  resource: z.union([z.string(), z.array(z.string())]).optional(),
});

/** Counts grants and registered clients. Nothing of a grant is kept or shown. @throws UserError as `ask` */
async function countGrants(account: StackAccount, namespaceId: string): Promise<GrantCount> {
  const account_id = account.accountId;
  const { ask } = createExplorer(account);
  return ask("kv", async (client) => {
    const list = (prefix: string) => listKvKeys(client, account_id, namespaceId, prefix);
    const [grants, clients] = await Promise.all([list("grant:"), list("client:")]);
    let unbound = 0;
    const bound: Record<string, number> = {};
    const looked = grants.slice(0, mostLooked);
    for (let start = 0; start < looked.length; start += mostRead) {
      const answer = await client.kv.namespaces.bulkGet(namespaceId, {
        account_id,
        keys: looked.slice(start, start + mostRead),
        type: "text",
      });
      for (const value of Object.values(answer?.values ?? {})) {
        const resource = typeof value === "string" ? readResource(value) : "?";
        if (resource === undefined) unbound += 1;
        else bound[resource] = (bound[resource] ?? 0) + 1;
      }
    }
    return { grants: grants.length, clients: clients.length, unbound, bound };
  });
}

/** The resource that a grant names; undefined for none. */
function readResource(text: string): string | undefined {
  try {
    const { resource } = grantRecord.parse(JSON.parse(text));
    return resource === undefined ? undefined : [resource].flat().join(" ");
  } catch {
    return "?";
  }
}
