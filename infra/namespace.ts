import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import * as cloudflare from "./cloudflare.ts";
import { warnOfFreePlan } from "./free-plan.ts";
import { createHook } from "./hook.ts";
import type { Settings } from "./settings.ts";
import { UserError } from "./user-error.ts";

/** Which namespace holds the OAuth data of a stack. */
export interface NamespaceChoice {
  readonly title: string;
  /** Id of one that exists and is to be taken over. */
  readonly takeOver: string | undefined;
}

/**
 * Chooses the namespace: the one that `kvNamespaceId` names, else one of the stack's own title.
 * @param last id that the last successful `up` left.
 * @throws UserError for an id that the account does not have, or that would replace the stack's own.
 */
export async function chooseNamespace(
  ownTitle: string,
  { kvNamespaceId: wanted }: Pick<Settings, "kvNamespaceId">,
  account: Account,
  last: string | undefined,
): Promise<NamespaceChoice> {
  if (wanted === undefined) return { title: ownTitle, takeOver: undefined };
  if (last !== undefined && last !== wanted) {
    throw new UserError(
      `kvNamespaceId: this stack's data is in the namespace ${last}, and taking ${wanted} instead would sign everybody out and delete it. Remove the setting; a stack of its own can take over ${wanted}.`,
    );
  }
  if (last === wanted) {
    throw new UserError(
      "kvNamespaceId: the namespace is taken over, and the setting has done its work: a copy of the stack's file would take the namespace away from this stack. Remove it with `npx pulumi config rm -s <stack> kvNamespaceId`.",
    );
  }
  const found = await account.readNamespace(wanted);
  if (found === undefined) {
    throw new UserError(
      `kvNamespaceId: the account has no KV namespace ${wanted}. The dashboard shows the ids under Storage & databases, KV.`,
    );
  }
  // An import replaces what is in state already, and deletes it: hence no import after the first `up`
  // that ended well. `freeTitle` asks for the setting only if the state has no namespace.
  await refuseSecondNamespace(ownTitle, wanted, account);
  return { title: found.title, takeOver: wanted };
}

/** A first `up` that failed may have made one already, which the import would replace and delete. */
async function refuseSecondNamespace(
  ownTitle: string,
  wanted: string,
  account: Account,
): Promise<void> {
  const own = await account.findNamespace(ownTitle);
  if (own === undefined || own.id === wanted) return;
  throw new UserError(
    `kvNamespaceId: a namespace of this stack's own name exists, "${ownTitle}" (${own.id}). If nobody needs it, delete it in the dashboard, run \`npx pulumi refresh -s <stack>\`, and then \`npx pulumi up -s <stack>\`; else remove the setting.`,
  );
}

/**
 * Makes room for a namespace that is about to be created, if its title is taken (Cloudflare would
 * answer 10014). An empty one is what a creation leaves whose answer was lost: nothing is in it, and
 * Cloudflare refuses to delete one that a Worker uses (10052), so it is removed and made again.
 * @throws UserError for one with keys in it, or in use, that says how to continue.
 */
export async function freeTitle(
  title: string,
  account: Account,
  isPreview: boolean,
): Promise<void> {
  const found = await account.findNamespace(title);
  if (found === undefined) return;
  if (found.isEmpty) {
    if (isPreview) return;
    const isDeleted = await account.deleteNamespace(found.id).then(
      () => true,
      () => false,
    );
    if (isDeleted) return;
  }
  const content = found.isEmpty ? "that a Worker uses" : "with keys in it";
  throw new UserError(
    `kvNamespaceId: the account has a KV namespace "${title}" (${found.id}) ${content}, which this stack did not make. To take it over with everybody who is signed in, \`npx pulumi config set -s <stack> kvNamespaceId ${found.id}\`. To leave it alone, give this stack another scriptName.`,
  );
}

export interface NamespaceParts extends NamespaceChoice {
  readonly accountId: string;
  readonly account: Account;
  /** Whether it may be deleted neither by `up` nor by `destroy`. */
  readonly protect: boolean;
  /** Resources that must exist before it is touched. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The namespace of the OAuth library: clients, grants, tokens. */
export function createNamespace(
  parent: pulumi.Resource,
  { accountId, title, takeOver, account, protect, dependsOn }: NamespaceParts,
): cloudflare.WorkersKvNamespace {
  // Called by the engine only if it has no namespace in state and is about to create one.
  const beforeCreate = createHook("oauth-title-is-free", async () => {
    await freeTitle(title, account, pulumi.runtime.isDryRun());
    await warnOfFreePlan("kvNamespaces", account);
  });
  return new cloudflare.WorkersKvNamespace(
    "oauth",
    { accountId, title },
    {
      parent,
      protect,
      retainOnDelete: protect,
      dependsOn: [...dependsOn],
      ...(takeOver === undefined
        ? { hooks: { beforeCreate: [beforeCreate] } }
        : { import: `${accountId}/${takeOver}` }),
    },
  );
}
