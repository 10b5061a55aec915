import { selectIdentity } from "../../identity/index.ts";
import { listGroupNames } from "../../identity/scope-limit.ts";
import { describeScope, listOpenedTools, selectScopes } from "../../mcp/scopes.ts";
import { ConsentPage } from "../../pages/consent.tsx";
import { renderPage } from "../../pages/render.ts";
import { findOrigin } from "../clients/client-facts.ts";
import type { BrowserContext } from "../context.ts";
import { featuresOf } from "../personal-tokens/manage-scope.ts";
import { proveHandle } from "../transactions/proof.ts";
import type { AskConsent } from "./steps.ts";

/** Shows the consent page of a client's request, and keeps the request until it is answered. */
export async function askConsent(
  { env, settings, features, oauth }: BrowserContext,
  { authRequest, person, againWith }: AskConsent,
): Promise<Response> {
  // The description first: a look-up that fails then leaves nothing in KV.
  const description = await oauth.describeConsent(authRequest);
  const { handle, headers } =
    againWith === undefined
      ? await oauth.beginConsent(authRequest)
      : { handle: againWith, headers: new Headers() };
  const method = selectIdentity(settings);
  const asked = featuresOf(features, authRequest.resource);
  const page = ConsentPage({
    settings,
    description,
    origin: findOrigin(description, settings),
    scopes: selectScopes(asked.scopes, authRequest.scope).map((name) => ({
      name,
      words: describeScope(asked.scopes, name),
      tools: listOpenedTools(asked, name).map(({ title }) => title),
    })),
    // `parseAuthRequest` makes it one value, whatever the client sent.
    resource: String(authRequest.resource),
    handle: await proveHandle(env, handle),
    person,
    // Somebody who is already signed in is not told about a later sign-in.
    upstreamName:
      person === undefined && method.kind === "redirect" ? method.describe(settings) : undefined,
    isPerhapsLess: listGroupNames(settings).length > 0,
    isNothingTicked: againWith !== undefined,
  });
  return renderPage(page, againWith === undefined ? 200 : 400, headers);
}
