import type { WorkerEnv, WorkerSettings } from "../env.ts";
import { logEvent, logFailure } from "../log.ts";
import { byAddress, isOverLimit, limitPeriod } from "./limits.ts";
import { readBody, withBody } from "./read-body.ts";
import { refuseClient } from "./refuse-client.ts";
import { findThrottle } from "./throttles.ts";

/** Bytes of a registration at most. The largest recorded one of a client has less than 2,000. */
const largestBody = 65_536;

/** Seconds that a client is told to wait at most: tomorrow is far for a program. */
const longestWait = 3600;

const dayInSeconds = 86_400;

/** Name of the one object that counts registrations. */
const counter = "registrations";

/** What a guard works with. */
interface Guarded {
  readonly request: Request;
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
}

/**
 * Lets a registration through to `answer` while the address and the day have room. Each one accepted
 * writes to KV and is kept for 90 days; one that no client uses goes by its lifetime there, so nothing
 * has to clean it up. A place in the day is taken first and given back where nothing was registered:
 * counted afterwards, requests at once would go over the ceiling.
 */
export async function guardRegister(
  { request, env, settings }: Guarded,
  answer: (request: Request) => Response | Promise<Response>,
): Promise<Response> {
  if (request.method !== "POST" || !settings.clients.registration) return answer(request);
  if (await isOverLimit(env, "REGISTER_LIMIT", byAddress(request))) {
    return refuseTooMany(request, "from this address. Try again in a minute.", limitPeriod);
  }
  // Read before a place is taken: a body that never ends would hold it.
  const body = await readBody(request, largestBody);
  if (body === undefined) {
    const description = `A registration has at most ${largestBody} bytes.`;
    return refuseClient(request, { status: 413, error: "invalid_client_metadata", description });
  }
  const place = await reserve(env, settings.clients.registrationsPerDay);
  if (place === "none") {
    logEvent("registration-refused", { reason: "ceiling" });
    const untilMidnight = dayInSeconds - (Math.floor(Date.now() / 1000) % dayInSeconds);
    return refuseTooMany(
      request,
      "today. Try again tomorrow (UTC), or identify the client by a metadata document.",
      Math.min(untilMidnight, longestWait),
    );
  }
  let isRegistered = false;
  try {
    const response = await answer(withBody(request, body));
    isRegistered = response.ok;
    return response;
  } finally {
    if (!isRegistered && place !== undefined) await giveBack(env, place);
  }
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

/** @returns the day, "none" where it is full, undefined where nobody counts: then it is open. */
async function reserve(env: WorkerEnv, places: number): Promise<number | "none" | undefined> {
  try {
    return (await findThrottle(env, counter).reserve(places)) ?? "none";
  } catch (error) {
    logFailure("throttle-failure", error, { counter });
    return undefined;
  }
}

async function giveBack(env: WorkerEnv, day: number): Promise<void> {
  try {
    await findThrottle(env, counter).giveBack(day);
  } catch (error) {
    // One place less today.
    logFailure("throttle-failure", error, { counter });
  }
}
