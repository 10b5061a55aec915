/**
 * Loaded into the conformance suite: it waits half a second for an answer, whatever else the machine does, and
 * takes a later one for none. On a busy machine its waits are as many times longer; its short pauses stay.
 */
import { readSlowness } from "../support/patience.ts";

/** Milliseconds from which on a timer is a limit, and no pause between two looks. */
const shortestLimit = 300;

const start = globalThis.setTimeout;

function startPatiently(
  callback: (...args: unknown[]) => void,
  delay = 0,
  ...args: unknown[]
): NodeJS.Timeout {
  return start(callback, delay < shortestLimit ? delay : delay * readSlowness(), ...args);
}

globalThis.setTimeout = Object.assign(startPatiently, {
  __promisify__: start.__promisify__,
}) as typeof setTimeout;
