import type { ExecutionContext } from "@cloudflare/workers-types";
import { largestForm, readBounded, withBody } from "../../body.ts";
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import { logEvent, logFailure } from "../../log.ts";
import { findControlIn } from "../../printable.ts";
import { createAuthorizationServer } from "../authorization-server.ts";
import { byAddress, bySite, deriveCounter, isOverLimit, limitPeriod } from "../limits/limits.ts";
import type { NoPlace } from "../limits/throttle.ts";
import { findThrottle } from "../limits/throttles.ts";
import { refuseClient } from "./refuse-client.ts";
import { dropUnsaid, nameRefusal } from "./registration-metadata.ts";

/** Seconds that a client is told to wait at most: tomorrow is far for a program. */
const longestWait = 3600;

const dayInSeconds = 86_400;

/** Name of the one object that counts registrations. */
const counter = "registrations";

/** The day in which a place was taken, or why there is none; undefined where nobody counts: then it is open. */
type Place = number | NoPlace | undefined;

/** A registration on its way. */
interface Registration {
  readonly request: Request;
  readonly env: WorkerEnv;
  readonly ctx: ExecutionContext;
  readonly settings: WorkerSettings;
}

/**
 * `POST /register` (RFC 7591), while the address and the day have room. Each registration writes to KV
 * and is kept for 90 days; one that no client uses goes by its lifetime there, so nothing has to clean
 * it up. Of the day an address has a share only, and its site another. A place in the day is taken when the library has found nothing wrong and before it writes:
 * counted afterwards, requests at once would go over the ceiling.
 */
export async function handleRegister(registration: Registration): Promise<Response> {
  const { request, env, ctx, settings } = registration;
  if (request.method !== "POST")
    return createAuthorizationServer(settings).fetch(request, env, ctx);
  if (await isOverLimit(env, "REGISTER_LIMIT", byAddress(request))) {
    return refuseTooMany(request, "from this address. Try again in a minute.", limitPeriod);
  }
  const body = await readBounded(request, largestForm);
  const member = findControlIn(parse(body));
  if (member !== undefined) {
    const error = member === "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata";
    const description = `${member} holds a control character. Register without it.`;
    return refuseClient(request, { status: 400, error, description });
  }
  const address = byAddress(request);
  const counted = [address, bySite(request)].filter((one) => one !== undefined);
  const callers =
    address.value === "" ? [] : await Promise.all(counted.map((one) => deriveCounter(env, one)));
  let place: Place;
  // One for this request: the library tells its callback neither the bindings nor whose request it is.
  const server = createAuthorizationServer(settings, {
    async onRegistration() {
      place = await reserve(env, settings.clients.registrationsPerDay, callers);
      return isRefused(place) ? { status: 429, code: "temporarily_unavailable" } : undefined;
    },
  });
  let isRegistered = false;
  try {
    const response = await server.fetch(withBody(request, dropUnsaid(body)), env, ctx);
    isRegistered = response.ok;
    return isRefused(place) ? refuseToday(request, place) : await nameRefusal(response, body);
  } finally {
    if (!isRegistered && typeof place === "number") await giveBack(env, place, callers);
  }
}

/** What a registration says; what cannot be read the library refuses. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function isRefused(place: Place): place is NoPlace {
  return typeof place === "string";
}

function refuseToday(request: Request, reason: NoPlace): Response {
  logEvent("registration-refused", { reason: reason === "full" ? "ceiling" : "share" });
  const untilMidnight = dayInSeconds - (Math.floor(Date.now() / 1000) % dayInSeconds);
  return refuseTooMany(
    request,
    `${reason === "full" ? "" : "from this address "}today. Try again tomorrow (UTC), or identify the client by a metadata document.`,
    Math.min(untilMidnight, longestWait),
  );
}

/** RFC 7591 section 3.2.2 has no code for it; clients show the description. */
function refuseTooMany(request: Request, where: string, retryAfter: number): Response {
  return refuseClient(request, {
    status: 429,
    error: "temporarily_unavailable",
    description: `Too many registrations ${where}`,
    retryAfter,
  });
}

async function reserve(env: WorkerEnv, places: number, callers: string[]): Promise<Place> {
  try {
    return await findThrottle(env, counter).reserve(places, callers);
  } catch (error) {
    logFailure("throttle-failure", error, { counter });
    return undefined;
  }
}

async function giveBack(env: WorkerEnv, day: number, callers: string[]): Promise<void> {
  try {
    await findThrottle(env, counter).giveBack(day, callers);
  } catch (error) {
    // One place less today.
    logFailure("throttle-failure", error, { counter });
  }
}
