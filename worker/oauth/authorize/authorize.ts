import { largestConsent } from "../../body.ts";
import { selectIdentity } from "../../identity/index.ts";
import { type BrowserContext, readAuthRequest, readOwnForm, refuseMethod } from "../context.ts";
import * as problems from "../problems.ts";
import { answer } from "./answer.ts";
import { takeConsent } from "./consent-form.ts";
import { decideSignedIn, decideVisit } from "./decide.ts";
import { gather, readPerson } from "./known.ts";
import { isRemembered } from "./remembered.ts";
import { takeSignIn, takeSwitch } from "./sign-in-form.ts";
import type { Step } from "./steps.ts";
import { findCause, readCause } from "./visit-cause.ts";

/**
 * `GET /authorize` shows the sign-in page, or the consent page; `POST /authorize` takes either page's
 * form. Every form posts to the URL it was shown at, so the client's request travels in the query and is
 * validated again each time.
 */
export async function handleAuthorize(context: BrowserContext): Promise<Response> {
  return refuseMethod(context.request) ?? answer(context, begin(context));
}

async function begin(context: BrowserContext): Promise<Step> {
  switch (context.request.method) {
    case "GET":
      return openPage(context);
    case "HEAD":
      return peek(context);
    default:
      return takeForm(context);
  }
}

/** Answers HEAD: whether there is a page. Nothing is begun, and nothing allowed. */
async function peek(context: BrowserContext): Promise<Step> {
  await readAuthRequest(context);
  return { next: "send headers" };
}

async function openPage(context: BrowserContext): Promise<Step> {
  const { request } = context;
  const authRequest = await readAuthRequest(context);
  const person = await readPerson(context);
  const cause = findCause(request);
  const known = gather(context, authRequest, person);
  return decideVisit({
    ...known,
    cause,
    isSilent: new URL(request.url).searchParams.get("prompt") === "none",
    isRemembered: await isRemembered(context, known.authRequest, person, cause),
  });
}

async function takeForm(context: BrowserContext): Promise<Step> {
  const form = await readOwnForm(context, largestConsent);
  if (form === undefined) {
    return { next: "show problem", problem: problems.foreignForm, status: 403 };
  }
  switch (form.get("step")) {
    case "sign-in":
      return signIn(context, form);
    case "switch":
      return takeSwitch(context);
    case "consent":
      return takeConsent(context, form);
    default:
      return { next: "show problem", problem: problems.unreadableForm, status: 400 };
  }
}

async function signIn(context: BrowserContext, form: FormData): Promise<Step> {
  const method = selectIdentity(context.settings);
  if (method.kind !== "form") {
    return { next: "show problem", problem: problems.unreadableForm, status: 400 };
  }
  const authRequest = await readAuthRequest(context);
  const outcome = await takeSignIn(context, { method, form, authRequest });
  if ("next" in outcome) return outcome;
  const { person, headers } = outcome;
  const known = gather(context, authRequest, person);
  return decideSignedIn({
    ...known,
    person,
    headers,
    isRemembered: await isRemembered(context, known.authRequest, person, readCause(form)),
  });
}
