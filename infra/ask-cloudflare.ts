import type { AccountParts } from "./account.ts";
import { type CloudflareClient, loadCloudflareSdk } from "./cloudflare-sdk.ts";
import { isLoopback } from "./loopback.ts";
import { UserError } from "./user-error.ts";

/** Cloudflare's API failed after the SDK's own tries, or its answer was lost. No fault of the stack's. */
class ApiFailure extends UserError {}

/**
 * Says in words what went wrong if a call of Cloudflare's API failed.
 * @returns undefined for what is not a failure of the API: a mistake of this program's own.
 */
function toApiFailure(error: unknown): ApiFailure | undefined {
  const { APIConnectionError, APIError } = loadCloudflareSdk();
  // The SDK reads the answer after its last try.
  if (isCutOff(error)) {
    return new ApiFailure(
      "An answer of Cloudflare's API was cut off. What was asked may be done or not: run the same command again.",
    );
  }
  if (!(error instanceof APIError)) return undefined;
  if (error instanceof APIConnectionError) {
    return new ApiFailure(
      `Cloudflare's API could not be reached: ${error.message} Run the same command again.`,
    );
  }
  const said = error.errors.map(({ code, message }) => `${message} (${code})`).join("; ");
  return new ApiFailure(
    `Cloudflare's API answered ${error.status}${said && `: ${said}`}. Run the same command again in a few minutes.`,
  );
}

/** JSON that ends early; or a body whose connection was lost, which fetch calls a TypeError with the socket's error in it. */
function isCutOff(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  if (!(error instanceof TypeError)) return false;
  const { cause } = error;
  return cause instanceof Error && "code" in cause;
}

/**
 * Cloudflare's API cannot be asked with what the stack has: no token, one that is wrong or lacks a permission, or
 * no local cloud where it should be. Other questions may still be answered.
 */
export class NoAccess extends UserError {}

/** Permissions of an API token, by the names that the dashboard gives them. */
export const permission = {
  scripts: "Account, Workers Scripts: Edit",
  kv: "Account, Workers KV Storage: Edit",
  zone: "Zone, Zone: Read",
  dns: "Zone, DNS: Read",
  routes: "Zone, Workers Routes: Edit",
  d1: "Account, D1: Edit",
  r2: "Account, Workers R2 Storage: Edit",
  access: "Account, Access: Apps and Policies: Edit",
} as const;

export type Permission = keyof typeof permission;

export type Question<Answer> = (client: CloudflareClient) => Promise<Answer>;

/** Asks Cloudflare's API, and says in words what a token lacks, or what failed. */
export interface Asker {
  /** @throws NoAccess for a token that is missing, wrong or may not do this. @throws ApiFailure for an API that fails. */
  ask<Answer>(needed: Permission, question: Question<Answer>): Promise<Answer>;
  /** The answer, or undefined if Cloudflare has no such thing. @throws as `ask`. */
  look<Answer>(needed: Permission, question: Question<Answer>): Promise<Answer | undefined>;
}

/** Asks through the official SDK. Nothing is asked yet. */
export function createAsker(parts: Pick<AccountParts, "apiToken" | "baseUrl">): Asker {
  const ask: Asker["ask"] = (needed, question) =>
    askCloudflare(parts, permission[needed], question);
  return {
    ask,
    look: (needed, question) =>
      ask(needed, async (client) => {
        try {
          return await question(client);
        } catch (error) {
          const { NotFoundError } = loadCloudflareSdk();
          if (error instanceof NotFoundError) return undefined;
          throw error;
        }
      }),
  };
}

/**
 * Asks, and says in words what a token lacks, or what failed. The SDK takes a while to load, which the dev
 * server, with its empty account, need not spend.
 */
async function askCloudflare<Answer>(
  { apiToken, baseUrl }: Pick<AccountParts, "apiToken" | "baseUrl">,
  needed: string,
  question: Question<Answer>,
): Promise<Answer> {
  const sdk = loadCloudflareSdk();
  const client = sdk.createClient({
    ...(apiToken !== undefined && { apiToken }),
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
  });
  if (!client.apiToken && !client.apiKey && !client.userServiceKey) {
    if (isLoopback(baseUrl)) {
      throw new NoAccess(
        "cloudflare:apiToken: the local cloud of this checkout was never started, so there is no token for it. Start it with `npm run cloud`, or export what the one that runs has printed.",
      );
    }
    throw new NoAccess(
      "cloudflare:apiToken: no API token is set. Set the variable CLOUDFLARE_API_TOKEN, or `npx pulumi config set -s <stack> --secret cloudflare:apiToken`; docs/deploy.md lists the permissions it needs.",
    );
  }
  try {
    return await question(client);
  } catch (error) {
    if (error instanceof sdk.APIConnectionError && isLoopback(baseUrl)) {
      throw new NoAccess(
        `cloudflare:baseUrl: nothing answers at ${baseUrl}. Start the local cloud with \`npm run cloud\`, or name its port in cloudflare:baseUrl.`,
      );
    }
    const isRefused =
      error instanceof sdk.AuthenticationError || error instanceof sdk.PermissionDeniedError;
    if (!isRefused) throw toApiFailure(error) ?? error;
    if (isLoopback(baseUrl) && error instanceof sdk.PermissionDeniedError) {
      throw new NoAccess(
        `cloudflare:apiToken: the local cloud at ${baseUrl} refuses the token (${error.status}). Each folder's cloud has its own, in .cloud/token: start the one of this checkout with \`npm run cloud\`, and remove cloudflare:apiToken from the stack's file. A token of fewer permissions needs the permission "${needed}".`,
      );
    }
    throw new NoAccess(
      `cloudflare:apiToken: Cloudflare refuses the API token (${error.status}). It may be wrong or expired, of another account, or lack the permission "${needed}". docs/deploy.md lists the permissions.`,
    );
  }
}
