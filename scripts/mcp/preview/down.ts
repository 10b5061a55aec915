import { createAsker } from "../../../infra/ask-cloudflare.ts";
import type { CloudflareClient } from "../../../infra/cloudflare-sdk.ts";
import { createLiveAccount } from "../../../infra/live-account.ts";
import { resourceType } from "../../../infra/resource-types.ts";
import { toNamespaceTitle } from "../../../infra/stack-guard.ts";
import { UserError } from "../../errors.ts";
import { ProjectStack } from "../stack/stack.ts";
import type { StackAccount } from "../stack/stack-account.ts";
import type { StateResource } from "../stack/state.ts";
import { holdCheckout } from "./checkout-lock.ts";
import { describeResources, hasWorker, refuseStranger } from "./own-stack.ts";
import { removePreviewSettings, writePreviewSettings } from "./preview-settings.ts";
import { findStack } from "./previews.ts";
import { findOwnRepository, toStackName } from "./pull-request.ts";
import type { Show } from "./show.ts";
import { type Preview, readPreview } from "./tags.ts";

/** Permission that the account's token needs. */
export const previewPermission =
  '"Account, Workers Scripts: Edit" and "Account, Workers KV Storage: Edit"';

/**
 * Removes a preview: all it has in the account, its stack with history and tags, its settings file.
 * @param mayGo asked right before, with what its tags say by then.
 * @returns whether it was removed: false if there is none, or it may not go.
 * @throws UserError that says what is left and how to continue.
 */
export function down(
  pullRequest: number,
  show: Show,
  mayGo: (preview: Preview) => Promise<boolean> = () => Promise.resolve(true),
): Promise<boolean> {
  const shortName = toStackName(pullRequest);
  const onWait = () => show.wait(`another run on ${shortName} in this checkout`);
  return holdCheckout(shortName, onWait, async () => {
    const name = await findStack(pullRequest);
    if (name === undefined) {
      await removePreviewSettings(shortName);
      return false;
    }
    const stack = await ProjectStack.open(name);
    const [tags, resources] = await Promise.all([stack.tags(), stack.resources()]);
    refuseStranger(name, pullRequest, { tags, resources, own: findOwnRepository() });
    const preview = readPreview(name, tags);
    if (preview !== undefined && !(await mayGo(preview))) return false;
    await writePreviewSettings(stack.project, shortName);
    show.step(`Removing ${name}`);
    await removeAll({ stack, resources }, pullRequest, show);
    await removePreviewSettings(shortName);
    return true;
  });
}

interface Present {
  readonly stack: ProjectStack;
  readonly resources: readonly StateResource[];
}

async function removeAll(
  { stack, resources }: Present,
  pullRequest: number,
  show: Show,
): Promise<void> {
  const scriptName = `${stack.project}-${stack.shortName}`;
  try {
    const account = await stack.account(previewPermission);
    const foreign: string[] = [];
    const take = (found: Leftovers) => {
      for (const what of found.removed) {
        show.step(`Removed ${what}, which an interrupted run had left`);
      }
      foreign.push(...found.foreign);
    };
    if (!hasWorker(resources)) {
      take(await removeLostWorker(account, scriptName, listNamespaces(resources)));
    }
    // What somebody deleted by hand is no longer there to be deleted: the provider would fail at it.
    await stack.destroy({ ...show.engine, refresh: true });
    // What is there now has another run made, which waited for this one.
    if ((await stack.resources()).some(({ type }) => type.startsWith("cloudflare:"))) {
      throw new UserError(`${stack.name} was deployed again while it was removed.`);
    }
    take(await removeLostNamespaces(account, scriptName));
    if (foreign.length > 0) throw new UserError(describeForeign(foreign));
    await stack.remove();
  } catch (error) {
    throw await explain(error, stack, pullRequest);
  } finally {
    show.progress.clear();
  }
}

function listNamespaces(resources: readonly StateResource[]): string[] {
  return resources.flatMap(({ type, id }) =>
    type === resourceType.namespace && id !== undefined ? [id] : [],
  );
}

function describeForeign(foreign: readonly string[]): string {
  return [
    "The account has what carries the preview's name, and the preview did not make it:",
    ...foreign.map((what) => `  ${what}`),
    "Delete it in the dashboard if nobody needs it.",
  ].join("\n");
}

/** Says what failed, what is left, and how to continue. */
async function explain(error: unknown, stack: ProjectStack, pullRequest: number): Promise<unknown> {
  if (!(error instanceof Error)) return error;
  const left = await stack.resources().then(describeResources, () => undefined);
  const what =
    left === undefined
      ? "What is left could not be read."
      : left.length === 0
        ? `The stack ${stack.name} is left, and knows of nothing in the account.`
        : `Left of ${stack.name}: ${left.join(", ")}.`;
  return new UserError(
    `${error.message}\n${what} To finish: npm run mcp -- preview down --pr ${pullRequest}`,
  );
}

/** Things in the account under a preview's name. */
interface Leftovers {
  /** Removed things, in words. */
  readonly removed: readonly string[];
  /** Things that stay, because the preview did not make them or they are in use. */
  readonly foreign: readonly string[];
}

/**
 * Removes a Worker that a run left in the account which was interrupted before it could write it down.
 * Only for a stack whose state has none; and before its namespace goes, which a Worker would hold.
 * @param namespaces ids of the stack's own: a Worker that is bound to none of them is somebody else's,
 * whatever its name and its versions say.
 * @throws UserError for a token that may not do this.
 */
async function removeLostWorker(
  account: StackAccount,
  scriptName: string,
  namespaces: readonly string[],
): Promise<Leftovers> {
  const bound = await createLiveAccount(account).findBoundNamespaces(scriptName);
  if (bound === undefined) return { removed: [], foreign: [] };
  if (!bound.some((id) => namespaces.includes(id))) {
    return {
      removed: [],
      foreign: [`the Worker ${scriptName}, which this preview did not upload`],
    };
  }
  const { accountId: account_id } = account;
  const { look } = createAsker(account);
  // Undefined: another run was faster.
  await look("scripts", (client) => client.workers.scripts.delete(scriptName, { account_id }));
  return { removed: [`the Worker ${scriptName}`], foreign: [] };
}

/**
 * Removes namespaces that a run left whose answer was lost: nobody has written to one. Only for a stack
 * whose state is empty.
 * @throws UserError for a token that may not do this.
 */
async function removeLostNamespaces(
  { accountId: account_id, apiToken, baseUrl }: StackAccount,
  scriptName: string,
): Promise<Leftovers> {
  const { ask, look } = createAsker({ apiToken, baseUrl });
  const title = toNamespaceTitle(scriptName);
  const removed: string[] = [];
  const foreign: string[] = [];
  for (const { id, isEmpty } of await ask("kv", (client) =>
    findNamespaces(client, account_id, title),
  )) {
    if (!isEmpty) {
      foreign.push(`the KV namespace ${title} (${id}), with keys in it`);
      continue;
    }
    await look("kv", (client) => client.kv.namespaces.delete(id, { account_id }));
    removed.push(`the KV namespace ${title}`);
  }
  return { removed, foreign };
}

async function findNamespaces(client: CloudflareClient, account_id: string, title: string) {
  const found: { readonly id: string; readonly isEmpty: boolean }[] = [];
  for await (const each of client.kv.namespaces.list({ account_id, per_page: 100 })) {
    if (each.title !== title) continue;
    const page = await client.kv.namespaces.keys.list(each.id, { account_id, limit: 10 });
    found.push({ id: each.id, isEmpty: page.getPaginatedItems().length === 0 });
  }
  return found;
}
