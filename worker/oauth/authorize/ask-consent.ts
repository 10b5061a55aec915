import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import { selectIdentity } from "../../identity/index.ts";
import { listGroupNames } from "../../identity/scope-limit.ts";
import { describeScope, listOpenedTools, selectScopes } from "../../mcp/scopes.ts";
import { ConsentPage } from "../../pages/consent.tsx";
import { renderPage } from "../../pages/render.ts";
import { shareAuthorizationServer } from "../authorization-server.ts";
import { findOrigin } from "../clients/client-facts.ts";
import type { BrowserContext } from "../context.ts";
import { featuresOf } from "../personal-tokens/manage-scope.ts";
import { readPlace, toField, type WaitingPage } from "../transactions/page.ts";
import { withNewPage } from "../transactions/store.ts";
import type { AskConsent } from "./steps.ts";

/** Shows the consent page of a client's request. The page itself keeps the request until it is answered. */
export async function askConsent(
  context: BrowserContext,
  { authRequest, person, againWith }: AskConsent,
): Promise<Response> {
  const { env, settings, features, oauth } = context;
  const [description, { waiting, headers }] = await Promise.all([
    oauth.describeConsent(authRequest),
    againWith === undefined
      ? beginPage(context, authRequest)
      : { waiting: againWith, headers: new Headers() },
  ]);
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
    handle: await toField(env, waiting),
    person,
    // Somebody who is already signed in is not told about a later sign-in.
    upstreamName:
      person === undefined && method.kind === "redirect" ? method.describe(settings) : undefined,
    isPerhapsLess: listGroupNames(settings).length > 0,
    isNothingTicked: againWith !== undefined,
  });
  return renderPage(page, againWith === undefined ? 200 : 400, headers);
}

/** Begins a page, and with it the cookie that ties it to this browser. */
async function beginPage(
  { request, env, settings, features }: BrowserContext,
  authRequest: AuthRequest,
): Promise<{ readonly waiting: WaitingPage; readonly headers: Headers }> {
  const kept: Pick<WaitingPage, "record" | "until">[] = [];
  const store = withNewPage(env, (page) => kept.push(page));
  const oauth = shareAuthorizationServer(settings, features).getOAuthApi(store);
  const { handle, headers } = await oauth.beginConsent(authRequest);
  const [page] = kept;
  if (page === undefined) throw new Error("The OAuth library kept nothing of a consent page.");
  return { waiting: { ...page, handle, place: readPlace(request) }, headers };
}
