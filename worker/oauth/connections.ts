import { isAllowed } from "../identity/allowed.ts";
import { selectIdentity } from "../identity/index.ts";
import { findSignedIn } from "../identity/signed-in.ts";
import { deriveUserId } from "../identity/subject.ts";
import { logEvent, logFailure } from "../log.ts";
import { ConnectionsPage } from "../pages/connections.tsx";
import { renderPage } from "../pages/render.ts";
import { SignInElsewherePage } from "../pages/sign-in.tsx";
import { answerPage } from "./answer-page.ts";
import { type BrowserContext, redirect } from "./context.ts";
import { showProblem } from "./failure.ts";
import { type Connection, listConnections } from "./list-connections.ts";
import * as problems from "./problems.ts";
import { showRefused } from "./refused.ts";
import { forgetConsents } from "./remembered.ts";
import { revokeGrant } from "./revoke.ts";
import { showSignIn, signOut, takeSignIn } from "./sign-in.ts";
import { signInUpstream } from "./upstream.ts";

/** Path of the page. */
export const connectionsPath = "/connections";

/** Grants that are ended at the same time. */
const batchSize = 10;

/**
 * `GET /connections` shows a signed-in person every client that may act for them, and `POST` ends
 * one or all, signs in and signs out. A form counts only from this page and for the person it
 * was shown to.
 */
export function handleConnections(context: BrowserContext): Promise<Response> {
  return answerPage(context, {
    show: () => showPage(context),
    take: (form) => takeForm(context, form),
    returnTo: connectionsPath,
  });
}

async function showPage(context: BrowserContext): Promise<Response> {
  const { request, env, settings, features, oauth } = context;
  const identity = await findSignedIn(request, context);
  if (identity === undefined) return askToSignIn(context);
  if (!isAllowed(identity, settings)) {
    return showRefused(context, { identity, returnTo: connectionsPath });
  }
  const userId = await deriveUserId(env.SUBJECT_KEY, identity);
  const { searchParams } = new URL(request.url);
  const page = ConnectionsPage({
    settings,
    scopes: features.scopes,
    person: { identity, id: userId },
    connections: await listConnections(oauth, userId, { settings, scopes: features.scopes }),
    pageNumber: readCount(searchParams, "page") ?? 1,
    outcome: readOutcome(searchParams),
  });
  return renderPage(page);
}

function askToSignIn(context: BrowserContext): Response {
  const { settings } = context;
  const method = selectIdentity(settings);
  switch (method.kind) {
    case "form":
      return showSignIn(context, undefined, { cause: "unknown" });
    case "edge":
      return showProblem(context, problems.notBehindAccess, 403);
    case "redirect":
      return renderPage(SignInElsewherePage({ settings, upstreamName: method.describe(settings) }));
  }
}

async function takeForm(context: BrowserContext, form: FormData): Promise<Response> {
  switch (form.get("step")) {
    case "sign-in":
      return signIn(context, form);
    case "switch":
      return signOut(context);
    case "end":
    case "end-all":
      return end(context, form);
    default:
      return showProblem(context, problems.unreadableForm, 400, { returnTo: connectionsPath });
  }
}

async function signIn(context: BrowserContext, form: FormData): Promise<Response> {
  const method = selectIdentity(context.settings);
  if (method.kind === "form") {
    return takeSignIn(context, method, form, { findClientName: async () => undefined });
  }
  if (method.kind === "edge") return redirect(connectionsPath);
  return signInUpstream(context, context.request.url);
}

async function end(context: BrowserContext, form: FormData): Promise<Response> {
  const { request, env, settings, features, oauth } = context;
  const identity = await findSignedIn(request, context);
  if (identity === undefined) return redirect(connectionsPath);
  if (!isAllowed(identity, settings)) {
    return showRefused(context, { identity, returnTo: connectionsPath });
  }
  const userId = await deriveUserId(env.SUBJECT_KEY, identity);
  if (form.get("person") !== userId) {
    return showProblem(context, problems.otherPerson, 409, { returnTo: connectionsPath });
  }
  // Only what is listed for this person can be ended, whatever id the form names.
  const connections = await listConnections(oauth, userId, { settings, scopes: features.scopes });
  const chosen =
    form.get("step") === "end-all"
      ? connections
      : connections.filter(({ grantId }) => grantId === form.get("grant"));
  const { ended, failed } = await endEach(context, userId, chosen);
  logEvent("connections-ended", { ended, failed });
  // Or a client that the person ended would come back without a word, where they ticked "do not ask".
  const headers = new Headers({ "set-cookie": forgetConsents() });
  return redirect(`${connectionsPath}?ended=${ended}&failed=${failed}`, headers);
}

/** Ends what can be ended: the failure of one leaves the others alone. */
async function endEach(
  { env }: BrowserContext,
  userId: string,
  connections: readonly Connection[],
): Promise<Outcome> {
  let failed = 0;
  for (let start = 0; start < connections.length; start += batchSize) {
    const batch = connections.slice(start, start + batchSize);
    const results = await Promise.allSettled(
      batch.map(({ grantId }) => revokeGrant(env, { userId, grantId })),
    );
    for (const result of results) {
      if (result.status === "fulfilled") continue;
      failed += 1;
      logFailure("revoke-failure", result.reason);
    }
  }
  return { ended: connections.length - failed, failed };
}

/** What became of the connections that a person ended. */
export interface Outcome {
  readonly ended: number;
  readonly failed: number;
}

/** What a redirect after a form says; see `end`. */
function readOutcome(params: URLSearchParams): Outcome | undefined {
  const ended = readCount(params, "ended");
  const failed = readCount(params, "failed");
  return ended === undefined || failed === undefined ? undefined : { ended, failed };
}

function readCount(params: URLSearchParams, name: string): number | undefined {
  const value = params.get(name) ?? "";
  return /^\d{1,4}$/.test(value) ? Number(value) : undefined;
}
