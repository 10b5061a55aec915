/**
 * A clock that a test moves: it must be imported before the Worker's own modules, which may keep `Date`.
 * Real time goes on as well, so that durations are real; a test only adds to it.
 */
import { readConditions } from "./conditions.ts";

const RealDate = Date;

/** Milliseconds by which the simulated clock is ahead of this machine's. */
let ahead = readConditions().ahead;

class SimulatedDate extends RealDate {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [now()] : given) as [number]));
  }

  static override now(): number {
    return now();
  }
}

globalThis.Date = SimulatedDate as DateConstructor;

/** Milliseconds since the epoch, as the Worker sees them. */
export function now(): number {
  // A time is a whole number of milliseconds (ECMA-262, Date.now), and what is stored of it relies on that.
  return Math.floor(RealDate.now() + ahead);
}

/** Moves the clock. It never goes back: time that has passed meanwhile stays. */
export function moveTo(time: number): void {
  ahead = Math.max(ahead, time - RealDate.now());
}
