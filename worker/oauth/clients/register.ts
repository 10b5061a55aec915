import type { ExecutionContext } from "@cloudflare/workers-types";
import { largestForm, readBounded, withBody } from "../../body.ts";
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import { logEvent, logFailure } from "../../log.ts";
import { findControlIn } from "../../printable.ts";
import { createAuthorizationServer } from "../authorization-server.ts";
import { byAddress, bySite, deriveCounter, isOverLimit, limitPeriod } from "../limits/limits.ts";
import type { NoPlace } from "../limits/throttle.ts";
import { findThrottle } from "../limits/throttles.ts";
import { withNewClients } from "./recent-clients.ts";
import { refuseClient } from "./refuse-client.ts";
import { dropUnsaid, nameRefusal } from "./registration-metadata.ts";

/** The most seconds that a client is told to wait: tomorrow is far away for a program. */
const longestWait = 3600;

const dayInSeconds = 86_400;

/** Name of the one object that counts registrations. */
const counter = "registrations";

/**
 * The day on which a place was taken, or why there is none; undefined if the counter fails: then everybody may
 * register.
 */
type Place = number | NoPlace | undefined;

/** A registration on its way. */
interface Registration {
  readonly request: Request;
  readonly env: WorkerEnv;
  readonly ctx: ExecutionContext;
  readonly settings: WorkerSettings;
}

/**
 * `POST /register` (RFC 7591), as long as the address and the day have room. Each registration writes to KV and
 * is kept for 90 days; an unused one expires there, so nothing has to clean it up. Each address has only a
 * share of the day, and so has its site. A place is taken once the library has found nothing wrong, and before
 * it writes: counted afterwards, simultaneous requests would exceed the limit.
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
  // A server for this request alone: the library tells its callback neither the bindings nor whose request it is.
  const server = createAuthorizationServer(settings, {
    async onRegistration() {
      place = await reserve(env, settings.clients.registrationsPerDay, callers);
      return isRefused(place) ? { status: 429, code: "temporarily_unavailable" } : undefined;
    },
  });
  let isRegistered = false;
  try {
    const response = await server.fetch(
      withBody(request, dropUnsaid(body)),
      withNewClients(env),
      ctx,
    );
    isRegistered = response.ok;
    return isRefused(place) ? refuseToday(request, place) : await nameRefusal(response, body);
  } finally {
    if (!isRegistered && typeof place === "number") await giveBack(env, place, callers);
  }
}

/** The metadata in a registration; the library refuses an unreadable one. */
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

/** RFC 7591 section 3.2.2 has no code for this; clients show the description. */
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
    // If this fails, the day has one place less.
    logFailure("throttle-failure", error, { counter });
  }
}
