import { enterpriseMethod } from "../../identity/enterprise-method.ts";
import type { Identity } from "../../identity/identity.ts";
import { limitScopes } from "../../identity/scope-limit.ts";
import { deriveUserId } from "../../identity/subject.ts";
import { logEvent } from "../../log.ts";
import type { PersonProps } from "../../mcp/caller.ts";
import { isGranted, listScopes, pickScopes, selectScopes } from "../../mcp/scopes.ts";
import { toShownName } from "../../pages/shown-text.ts";
import { answerOrRefuse, refuseAssertion, TokenRefusal } from "../assertions/refusal.ts";
import { useOnce } from "../assertions/use-once.ts";
import { AssertionError } from "../assertions/verify.ts";
import { resourcePaths } from "../authorization-server.ts";
import { findGate } from "../gate/gates.ts";
import { admitPerson, type CompanyAssertion, checkAssertion, findIssuer } from "./assertion.ts";
import { type AssertingClient, authenticateClient, type CompanyRequest } from "./authenticate.ts";
import { toCompanyGrantId } from "./grant-id.ts";
import type { EnterpriseIssuer } from "./settings.ts";
import { writeCompanyToken } from "./token.ts";

/** Parameters that mean nothing twice (RFC 6749 section 3.2). `resource` may come again (RFC 8707). */
const single = ["assertion", "client_id", "client_secret", "client_assertion", "scope"];

/**
 * Answers a token request that has an assertion which a company signed about one of its people (MCP extension
 * `enterprise-managed-authorization`; RFC 7523 section 2.1). Nobody is asked: the company has decided, within
 * what the settings allow, and the person can end it.
 */
export function answerCompany(asked: CompanyRequest): Promise<Response> {
  return answerOrRefuse(asked.request, () => exchange(asked), true);
}

async function exchange(asked: CompanyRequest): Promise<Response> {
  const { form, env, settings } = asked;
  const twice = single.find((name) => form.getAll(name).length > 1);
  if (twice !== undefined) {
    throw new TokenRefusal("invalid_request", "repeated", `The parameter ${twice} comes twice.`);
  }
  const jwt = form.get("assertion") ?? "";
  const issuer = findIssuer(jwt, settings);
  const client = await authenticateClient(asked, issuer);
  const assertion = await hold(async () => {
    const checked = await checkAssertion(jwt, issuer, client.clientId, settings.origin);
    // The last check: each assertion that holds wakes an object.
    await useOnce(env, checked.claims);
    return checked;
  });
  const identity = admitPerson(assertion, issuer, settings);
  const person = await toProps(asked, identity, client);
  const resource = chooseResource(asked, assertion);
  const scopes = chooseScopes(asked, assertion, issuer, person);
  return giveToken(asked, { client, issuer, person, resource, scopes });
}

/** @throws TokenRefusal for whatever the assertion lacks. */
async function hold<Result>(check: () => Promise<Result>): Promise<Result> {
  try {
    return await check();
  } catch (error) {
    return error instanceof AssertionError
      ? refuseAssertion("invalid_grant", error)
      : Promise.reject(error);
  }
}

async function toProps(
  { env }: CompanyRequest,
  identity: Identity,
  { clientId }: AssertingClient,
): Promise<PersonProps> {
  const { issuer, email, isEmailVerified, groups } = identity;
  return {
    // As for somebody who signs in there by OpenID.
    userId: await deriveUserId(env.SUBJECT_KEY, identity),
    method: enterpriseMethod,
    authority: issuer,
    grantId: await toCompanyGrantId(clientId),
    ...(email !== undefined && { email }),
    ...(isEmailVerified !== undefined && { isEmailVerified }),
    ...(groups !== undefined && { groups: [...groups] }),
  };
}

/** @throws TokenRefusal unless request and assertion name one endpoint of this server (RFC 8707 section 2). */
function chooseResource(
  { form, settings: { origin } }: CompanyRequest,
  { resource }: CompanyAssertion,
): string {
  const named = new Set([
    ...form.getAll("resource"),
    ...(resource === undefined ? [] : [resource]),
  ]);
  const [one = origin + resourcePaths.mcp, ...others] = named;
  const isOurs = Object.values(resourcePaths).some((path) => origin + path === one);
  if (isOurs && others.length === 0) return one;
  const words = `The assertion and the request must name one resource, and the same: ${origin}${resourcePaths.mcp}, or ${origin}${resourcePaths.sse}.`;
  throw new TokenRefusal("invalid_target", "resource_wrong", words);
}

/**
 * The scopes of a token: what is asked for, limited to what the assertion names and what the stack lets the
 * person have.
 * @throws TokenRefusal if none is left.
 */
function chooseScopes(
  { form, settings, scopes: catalogue }: CompanyRequest,
  { scopes: said }: CompanyAssertion,
  { allowNoScope }: EnterpriseIssuer,
  person: PersonProps,
): string[] {
  if (said === undefined && !allowNoScope) {
    const words =
      "The assertion names no scope, so it gives none. Let its issuer name some, or set allowNoScope of the issuer in the setting enterpriseIssuers.";
    throw new TokenRefusal("invalid_scope", "scope_missing", words);
  }
  const all = listScopes(catalogue);
  const most = said === undefined ? all : all.filter((scope) => isGranted(catalogue, said, scope));
  const asked = pickScopes(catalogue, (form.get("scope") ?? "").split(" "));
  const usual = said === undefined ? selectScopes(catalogue, []) : pickScopes(catalogue, said);
  const wanted = asked.length > 0 ? most.filter((scope) => asked.includes(scope)) : usual;
  const granted = limitScopes(wanted, person, settings);
  if (granted.length > 0) return granted;
  const words =
    "None of the scopes is in the assertion and allowed to this person here. The settings enterpriseIssuers and scopesByGroup say what is.";
  throw new TokenRefusal("invalid_scope", "scope_not_allowed", words);
}

interface Given {
  readonly client: AssertingClient;
  readonly issuer: EnterpriseIssuer;
  readonly person: PersonProps;
  readonly resource: string;
  readonly scopes: readonly string[];
}

/** Issues a token without a refresh token: the client comes back with another assertion. */
async function giveToken(
  { env, settings }: CompanyRequest,
  { client: { clientId, name }, issuer, person, resource, scopes }: Given,
): Promise<Response> {
  const { access: lifetime, refreshIdle } = settings.tokens;
  const now = Math.floor(Date.now() / 1000);
  const grant = { userId: person.userId, grantId: person.grantId ?? "" };
  const start = await findGate(env, grant).admit({
    ...grant,
    clientId,
    scopes,
    resource,
    metadata: {
      clientName: toShownName(name ?? "", clientId),
      ...(URL.canParse(clientId) && { clientDomain: new URL(clientId).host }),
      company: new URL(issuer.issuer).host,
    },
    expiresAt: now + Math.max(refreshIdle, lifetime),
    tokenExpiresAt: now + lifetime,
  });
  if (start === undefined) {
    const words = `The person, or whoever runs this server, has ended this connection. It stays ended until the person allows it again: ${settings.origin}/connections`;
    throw new TokenRefusal("invalid_grant", "ended", words);
  }
  const said = {
    person,
    clientId,
    scopes: [...scopes],
    resource,
    // The gate's clock may be ahead, and no token is older than its grant.
    issuedAt: Math.max(now, start),
    expiresAt: now + lifetime,
  };
  logEvent("enterprise-token", { issuer: new URL(issuer.issuer).host });
  const answer = {
    access_token: await writeCompanyToken(env, said),
    token_type: "bearer",
    expires_in: lifetime,
    scope: scopes.join(" "),
    resource,
  };
  return Response.json(answer, { headers: { "cache-control": "no-store", pragma: "no-cache" } });
}
