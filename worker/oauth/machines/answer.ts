import { logEvent } from "../../log.ts";
import { pickScopes } from "../../mcp/scopes.ts";
import { answerOrRefuse, TokenRefusal } from "../assertions/refusal.ts";
import { resourcePaths } from "../authorization-server.ts";
import { type Authenticated, authenticate, type MachineRequest } from "./authenticate.ts";
import { toCredentialId } from "./credential.ts";
import type { MachineClient } from "./settings.ts";
import { machineTokenLifetime, writeMachineToken } from "./token.ts";
import { authenticateRun } from "./workload.ts";

/** Parameters that mean nothing twice (RFC 6749 section 3.2). `resource` may come again (RFC 8707). */
const single = ["client_id", "client_secret", "client_assertion", "client_assertion_type", "scope"];

/** The most characters of a CI service's claim in the log. */
const longestSubject = 200;

/** Answers a request for a token by `client_credentials` (RFC 6749 section 4.4). */
export function answerClientCredentials(asked: MachineRequest): Promise<Response> {
  return answerOrRefuse(asked.request, async () => {
    refuseRepeated(asked);
    const authenticated = await authenticate(asked);
    return grant(asked, authenticated, {});
  });
}

/** Answers a token request with an assertion of a CI service about a run (RFC 7523 section 2.1). */
export function answerWorkload(asked: MachineRequest): Promise<Response> {
  return answerOrRefuse(asked.request, async () => {
    refuseRepeated(asked);
    const authenticated = await authenticateRun(asked);
    const { sub = "" } = authenticated.claims;
    return grant(asked, authenticated, { run: sub.slice(0, longestSubject) });
  });
}

function refuseRepeated({ form }: MachineRequest): void {
  const twice = single.find((name) => form.getAll(name).length > 1);
  if (twice === undefined) return;
  throw new TokenRefusal("invalid_request", "repeated", `The parameter ${twice} comes twice.`);
}

/** Issues a short-lived token without a refresh token (RFC 6749 section 4.4.3). */
async function grant(
  asked: MachineRequest,
  { machine, credential }: Authenticated,
  said: { readonly run?: string },
): Promise<Response> {
  const { env, settings } = asked;
  const resource = chooseResource(asked, machine);
  const scopes = chooseScopes(asked, machine);
  const lifetime = Math.min(machineTokenLifetime, settings.tokens.access);
  const issuedAt = Math.floor(Date.now() / 1000);
  const token = await writeMachineToken(env, {
    name: machine.name,
    scopes,
    resource,
    credential: await toCredentialId(machine, credential),
    issuedAt,
    expiresAt: issuedAt + lifetime,
  });
  logEvent("machine-token", { machine: machine.name, way: credential.way, ...said });
  const answer = {
    access_token: token,
    token_type: "bearer",
    expires_in: lifetime,
    scope: scopes.join(" "),
    resource,
  };
  return Response.json(answer, { headers: { "cache-control": "no-store", pragma: "no-cache" } });
}

/** @throws TokenRefusal if the request names another endpoint than the client's (RFC 8707 section 2). */
function chooseResource({ form, settings }: MachineRequest, machine: MachineClient): string {
  const resource = `${settings.origin}${resourcePaths[machine.resource]}`;
  if (form.getAll("resource").every((asked) => asked === resource)) return resource;
  const words = `This machine client may call ${resource} only. Ask for that resource.`;
  throw new TokenRefusal("invalid_target", "resource_wrong", words);
}

/**
 * The scopes that a machine client asks for and may have: everything it may have if it names none of this server's.
 * @throws TokenRefusal if it may have none of those it names.
 */
function chooseScopes({ form, scopes }: MachineRequest, machine: MachineClient): string[] {
  const own = pickScopes(scopes, machine.scopes);
  const asked = pickScopes(scopes, (form.get("scope") ?? "").split(" "));
  const granted = own.filter((scope) => asked.includes(scope));
  if (asked.length === 0) return own;
  if (granted.length > 0) return granted;
  const words = `This machine client may have: ${own.join(" ")}. Whoever runs this server can add to it (machineClients).`;
  throw new TokenRefusal("invalid_scope", "scope_not_allowed", words);
}
