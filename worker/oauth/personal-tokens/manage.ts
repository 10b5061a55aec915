import type { OAuthResourceContext } from "@cloudflare/workers-oauth-provider";
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import { isKnownPerson } from "../../identity/refresh-upstream.ts";
import type { Features } from "../../kit/features.ts";
import { logEvent } from "../../log.ts";
import { type PersonProps, personProps } from "../../mcp/caller.ts";
import type { ProtectedHandler } from "../../mcp/endpoints.ts";
import { createAuthorizationServer } from "../authorization-server.ts";
import { byAddress, isOverLimit, limitPeriod } from "../limits/limits.ts";
import { type Connection, listConnections } from "../list-connections.ts";
import { revokeGrant } from "../revoke.ts";
import { createToken } from "./create.ts";
import { manageScope } from "./manage-scope.ts";

interface ManageParts {
  readonly features: Features;
  readonly settings: WorkerSettings;
}

/**
 * A person's tokens, for a program that they allowed to manage them: `GET` lists them, `POST` with JSON makes
 * one and shows it this once, `DELETE ?id=<id>` ends one. Behind a resource server, which has checked the token.
 */
export function createManageHandler({ features, settings }: ManageParts): ProtectedHandler {
  const { scopes } = features;
  return {
    async fetch(request, env, ctx) {
      const person = findTokenOwner(settings, ctx);
      if (person === undefined || !ctx.auth.scope.includes(manageScope)) {
        return refuse(403, "The person behind this token may not, or did not allow it.");
      }
      if (await isOverLimit(env, "TOKEN_LIMIT", byAddress(request))) {
        const problem = "Too many requests from this address. Try again in a minute.";
        return refuse(429, problem, { "retry-after": String(limitPeriod) });
      }
      const oauth = createAuthorizationServer(settings).getOAuthApi(env);
      const connections = await listConnections(oauth, person.userId, { settings, scopes });
      const tokens = connections.filter(({ isToken }) => isToken);
      switch (request.method) {
        case "GET":
          return answer(200, { tokens: tokens.map(toFacts) });
        case "POST": {
          const names = tokens.map(({ clientName }) => clientName);
          const parts = { env, settings, scopes, person, names };
          const made = await createToken(parts, await request.json().catch(() => undefined));
          return "problem" in made ? refuse(400, made.problem) : answer(201, made);
        }
        case "DELETE":
          return end(request, env, person.userId, tokens);
        default:
          return refuse(405, "Use GET, POST or DELETE.", { allow: "GET, POST, DELETE" });
      }
    },
  };
}

/** The person who allowed it, if the stack still lets them in. */
function findTokenOwner(
  settings: WorkerSettings,
  { props }: OAuthResourceContext<PersonProps>,
): PersonProps | undefined {
  const { data: person } = personProps.safeParse(props);
  return person !== undefined && isKnownPerson(settings, person) ? person : undefined;
}

async function end(
  request: Request,
  env: WorkerEnv,
  userId: string,
  tokens: readonly Connection[],
): Promise<Response> {
  const id = new URL(request.url).searchParams.get("id");
  const token = tokens.find(({ grantId }) => grantId === id);
  if (token === undefined)
    return refuse(404, "You have no such token; it may have been ended before.");
  await revokeGrant(env, { userId, grantId: token.grantId });
  logEvent("connections-ended", { ended: 1, failed: 0 });
  return answer(200, toFacts(token));
}

function toFacts({ grantId, clientName, scopes, resource, since, lastUsed, until }: Connection) {
  return { id: grantId, name: clientName, scopes, resource, since, lastUsed, until };
}

function refuse(status: number, problem: string, headers: Readonly<Record<string, string>> = {}) {
  return answer(status, { problem }, headers);
}

function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}) {
  return Response.json(body, { status, headers: { ...headers, "cache-control": "no-store" } });
}
