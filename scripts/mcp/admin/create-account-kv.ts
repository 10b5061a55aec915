import { loadCloudflareSdk } from "../../../infra/cloudflare-sdk.ts";
import { UserError } from "../../errors.ts";
import type { AccountKv, ListedKey } from "./account-kv.ts";
import type { DeployedStack } from "./deployed-stack.ts";

/** Often enough for one window of the limit of 1,200 calls in five minutes: a 429 says how long to wait. */
const maxRetries = 5;

/**
 * Calls go one after the other, in bulk, so that thousands of grants are tens of calls.
 * @throws UserError, from each method, for a token that may not do this, and an API that fails.
 */
export function createAccountKv(stack: DeployedStack): AccountKv {
  const { accountId: account_id, namespaceId, apiToken, baseUrl } = stack;
  const client = loadCloudflareSdk().createClient({
    apiToken,
    maxRetries,
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
    // Otherwise it takes them from the environment, and sends them as well.
    ...{ apiKey: null, apiEmail: null, userServiceKey: null },
  });
  const { namespaces } = client.kv;

  return {
    listKeys: (prefix, onPage) =>
      explain(stack, "Read", async () => {
        const keys: ListedKey[] = [];
        const query = { account_id, prefix, limit: 1000 };
        for await (const page of (await namespaces.keys.list(namespaceId, query)).iterPages()) {
          keys.push(...page.getPaginatedItems());
          onPage?.(keys.length);
        }
        return keys.toSorted((one, other) => (one.name < other.name ? -1 : 1));
      }),

    readValues: (names) =>
      explain(stack, "Read", async () => {
        const query = { account_id, keys: [...names], type: "text" as const };
        const answer = await namespaces.bulkGet(namespaceId, query);
        const values = Object.entries(answer?.values ?? {});
        return new Map(
          values.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
        );
      }),

    writeKeys: (names, value, lifetime) =>
      explain(stack, "Edit", async () => {
        const time = lifetime === undefined ? {} : { expiration_ttl: lifetime };
        const body = names.map((key) => ({ key, value, ...time }));
        const answer = await namespaces.bulkUpdate(namespaceId, { account_id, body });
        refuseLeft(answer?.unsuccessful_keys, "write");
      }),

    deleteKeys: (names) =>
      explain(stack, "Edit", async () => {
        const answer = await namespaces.bulkDelete(namespaceId, { account_id, body: [...names] });
        refuseLeft(answer?.unsuccessful_keys, "delete");
      }),
  };
}

/** @throws UserError if a part was not done. */
function refuseLeft(left: readonly string[] = [], verb: string): void {
  if (left.length > 0)
    throw new UserError(`Workers KV did not ${verb} ${left.length} of the keys.`);
}

/** Says in words what the API refused. */
async function explain<Answer>(
  { accountId, namespaceId, baseUrl, name }: DeployedStack,
  needed: "Read" | "Edit",
  call: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    const sdk = loadCloudflareSdk();
    if (error instanceof sdk.APIConnectionError) {
      throw new UserError(`Nothing answers at ${baseUrl ?? "Cloudflare's API"}: ${error.message}`);
    }
    if (!(error instanceof sdk.APIError)) throw error;
    const isRefused =
      error instanceof sdk.AuthenticationError ||
      error instanceof sdk.PermissionDeniedError ||
      // Cloudflare answers so to text that does not have the form of a token.
      error.errors.some(({ code }) => code === 6003);
    if (isRefused) {
      throw new UserError(
        `cloudflare:apiToken: Cloudflare refuses the API token (${error.status}). It may be wrong or expired, of another account, or lack the permission "Account, Workers KV Storage: ${needed}".`,
      );
    }
    if (error instanceof sdk.NotFoundError) {
      throw new UserError(
        `The account ${accountId} has no KV namespace ${namespaceId}, which the stack ${name} names. Is CLOUDFLARE_ACCOUNT_ID that of the stack? If the namespace was deleted, \`npx pulumi up -s ${name} --refresh\` makes a new one.`,
      );
    }
    const said = error.errors.map(({ code, message }) => `${message} (${code})`).join("; ");
    throw new UserError(
      `Cloudflare's API answered ${error.status}${said && `: ${said}`}. Try again in a few minutes.`,
    );
  }
}
