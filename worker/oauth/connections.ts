import { selectIdentity } from "../identity/index.ts";
import { logEvent, logFailure } from "../log.ts";
import { ConnectionsPage } from "../pages/connections.tsx";
import { SignInElsewherePage } from "../pages/sign-in.tsx";
import { answer } from "./authorize/answer.ts";
import { toProps } from "./authorize/grant.ts";
import { type Person, readPerson } from "./authorize/known.ts";
import { forgetConsents } from "./authorize/remembered.ts";
import { takeSignIn, takeSwitch } from "./authorize/sign-in-form.ts";
import type { Step } from "./authorize/steps.ts";
import { allowAgain, showBlocked } from "./company/blocked.ts";
import { type BrowserContext, readOwnForm, refuseMethod } from "./context.ts";
import { type Connection, listConnections } from "./list-connections.ts";
import { manageScopes } from "./personal-tokens/manage-scope.ts";
import { isTokenGrant } from "./personal-tokens/record-key.ts";
import { makeToken, renewPerson, showTokenForm } from "./personal-tokens/way-in.ts";
import * as problems from "./problems.ts";
import { revokeGrant } from "./revoke.ts";

export const connectionsPath = "/connections";

/** How many grants are ended at the same time. */
const batchSize = 10;

/**
 * `GET /connections` shows a signed-in person every client that may act for them, and `POST` ends
 * one or all, signs in and signs out. A form counts only if it comes from this page and from the
 * person it was shown to.
 */
export async function handleConnections(context: BrowserContext): Promise<Response> {
  return refuseMethod(context.request) ?? answer(context, begin(context));
}

async function begin(context: BrowserContext): Promise<Step> {
  return context.request.method === "POST" ? takeForm(context) : openPage(context);
}

async function openPage(context: BrowserContext): Promise<Step> {
  const { request, settings, features, oauth } = context;
  const person = await readPerson(context);
  if (person === undefined) return askToSignIn(context);
  if (!person.isAllowed) return toTurnAway(person);
  const { searchParams } = new URL(request.url);
  const { scopes } = features;
  const props = toProps(person, settings);
  if (settings.tokens.personal !== undefined && searchParams.has("new")) {
    return { next: "show page", page: showTokenForm(context, props) };
  }
  const connections = await listConnections(oauth, person.id, { settings, scopes });
  const tokens = connections.filter(({ isToken }) => isToken).map(({ grantId }) => grantId);
  await renewPerson(context, props, tokens).catch((error: unknown) =>
    logFailure("token-gate-failure", error),
  );
  const page = ConnectionsPage({
    settings,
    scopes: { ...scopes, ...manageScopes },
    person,
    connections,
    blocked: await showBlocked(context, person.id),
    pageNumber: readCount(searchParams, "page") ?? 1,
    outcome: readOutcome(searchParams),
  });
  return { next: "show page", page };
}

function askToSignIn({ settings }: BrowserContext): Step {
  const method = selectIdentity(settings);
  switch (method.kind) {
    case "form":
      return { next: "ask sign-in", authRequest: undefined, cause: "unknown" };
    case "edge":
      return { next: "show problem", problem: problems.notBehindAccess, status: 403 };
    case "redirect": {
      const upstreamName = method.describe(settings);
      return { next: "show page", page: SignInElsewherePage({ settings, upstreamName }) };
    }
  }
}

async function takeForm(context: BrowserContext): Promise<Step> {
  const form = await readOwnForm(context);
  if (form === undefined) return toProblem(problems.foreignForm, 403);
  switch (form.get("step")) {
    case "sign-in":
      return signIn(context, form);
    case "switch":
      return takeSwitch(context);
    case "make-token":
      return takeToken(context, form);
    case "allow-again":
      return takeAllowance(context, form);
    case "end":
    case "end-all":
      return end(context, form);
    default:
      return toProblem(problems.unreadableForm, 400);
  }
}

async function signIn(context: BrowserContext, form: FormData): Promise<Step> {
  const { url } = context.request;
  const method = selectIdentity(context.settings);
  switch (method.kind) {
    case "form": {
      const outcome = await takeSignIn(context, { method, form, authRequest: undefined });
      return "next" in outcome ? outcome : { next: "redirect", to: url, headers: outcome.headers };
    }
    case "edge":
      return { next: "redirect", to: connectionsPath };
    case "redirect":
      return { next: "go upstream", authRequest: undefined, returnTo: url };
  }
}

/** The person to whom the form was shown, if still signed in; otherwise the next step. */
async function readSender(context: BrowserContext, form: FormData): Promise<Person | Step> {
  const person = await readPerson(context);
  if (person === undefined) return { next: "redirect", to: connectionsPath };
  if (!person.isAllowed) return toTurnAway(person);
  if (form.get("person") !== person.id) return toProblem(problems.otherPerson, 409);
  return person;
}

/** Makes a token and shows it this once: the page is the answer to the form, so that no address leads to the token. */
async function takeToken(context: BrowserContext, form: FormData): Promise<Step> {
  const { settings } = context;
  if (settings.tokens.personal === undefined) return toProblem(problems.unreadableForm, 400);
  const person = await readSender(context, form);
  if ("next" in person) return person;
  const made = await makeToken(context, toProps(person, settings), form);
  if ("problem" in made) return toProblem(problems.explainToken(made.problem), 400);
  return { next: "show page", page: made.page };
}

async function end(context: BrowserContext, form: FormData): Promise<Step> {
  const { settings, features, oauth } = context;
  const person = await readSender(context, form);
  if ("next" in person) return person;
  // Only what is listed for this person can be ended, whatever id the form names.
  const connections = await listConnections(oauth, person.id, {
    settings,
    scopes: features.scopes,
  });
  const chosen =
    form.get("step") === "end-all"
      ? connections
      : connections.filter(({ grantId }) => grantId === form.get("grant"));
  const { ended, failed } = await endEach(context, person.id, chosen);
  logEvent("connections-ended", { ended, failed });
  // Or a client that the person ended would come back silently, if they had ticked "do not ask".
  const headers = new Headers({ "set-cookie": forgetConsents() });
  const what = isTokenGrant(String(form.get("grant"))) ? "&token=1" : "";
  const to = `${connectionsPath}?ended=${ended}&failed=${failed}${what}`;
  return { next: "redirect", to, headers };
}

/** Undoes the person's end of what their company allows. */
async function takeAllowance(context: BrowserContext, form: FormData): Promise<Step> {
  const person = await readSender(context, form);
  if ("next" in person) return person;
  await allowAgain(context, person.id, form.get("grant"));
  return { next: "redirect", to: `${connectionsPath}?ended=0&failed=0&allowed=1` };
}

function toTurnAway({ identity }: Person): Step {
  return { next: "turn away", identity, returnTo: connectionsPath };
}

/** An error page that leads back to this page. */
function toProblem(problem: problems.Problem, status: number): Step {
  return { next: "show problem", problem, status, returnTo: connectionsPath };
}

/** Ends as many as possible: a failure of one does not affect the others. */
async function endEach(
  { env }: BrowserContext,
  userId: string,
  connections: readonly Connection[],
): Promise<Pick<Outcome, "ended" | "failed">> {
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

/** The outcome for the connections that a person ended. */
export interface Outcome {
  readonly ended: number;
  readonly failed: number;
  /** Whether it was one token and not an app. */
  readonly isToken: boolean;
  /** Whether the person allowed an app again instead. */
  readonly isAllowed: boolean;
}

/** The outcome that a redirect after a form carries; see `end`. */
function readOutcome(params: URLSearchParams): Outcome | undefined {
  const ended = readCount(params, "ended");
  const failed = readCount(params, "failed");
  if (ended === undefined || failed === undefined) return undefined;
  return { ended, failed, isToken: params.has("token"), isAllowed: params.has("allowed") };
}

function readCount(params: URLSearchParams, name: string): number | undefined {
  const value = params.get(name) ?? "";
  return /^\d{1,4}$/.test(value) ? Number(value) : undefined;
}
