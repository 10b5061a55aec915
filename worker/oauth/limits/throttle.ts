import { DurableObject } from "cloudflare:workers";
import type { WorkerEnv } from "../../env.ts";
import { type Failures, failureMemory, findWait, isRemembered } from "./waiting-time.ts";

/** How many attempts may fail before one has to wait. */
export interface ThrottleRule {
  /** Failures of one caller. */
  readonly free: number;
  /** Failures of all callers together, after which each has one free failure only. */
  readonly tightAfter?: number;
}

/** Registrations of one day, of all callers or of one. */
interface Day {
  /** Days since the epoch. */
  readonly day: number;
  readonly count: number;
}

/** Milliseconds of a day; days in UTC begin at its multiples. */
const dayLength = 86_400_000;

const failuresOf = "failures:";
const registrations = "registrations";
const registrationsOf = "registrations:";

/** The part of what a day has left that one caller may have taken. */
const share = 1 / 10;

/** Why there is no place: the day is full, or the caller has had its share. */
export type NoPlace = "full" | "share";

/**
 * Counts what must hold everywhere, not per location. Each object counts one thing and is named by
 * it; each method takes effect before another begins. What no longer counts is removed by an alarm,
 * and an object that counts nothing stores nothing.
 */
export class Throttle extends DurableObject<WorkerEnv> {
  /**
   * Counts an attempt, as failed until it is said otherwise: so a hundred at once are a hundred.
   * @returns seconds to wait; 0 where it may be made, and only then it counts.
   */
  async attempt(caller: string, { free, tightAfter = Infinity }: ThrottleRule): Promise<number> {
    const now = Date.now();
    const { kv } = this.ctx.storage;
    const all = new Map(this.#listFailures().filter(([, failures]) => isRemembered(failures, now)));
    const total = [...all.values()].reduce((sum, { count }) => sum + count, 0);
    const key = failuresOf + caller;
    const before = all.get(key) ?? { count: 0, lastAt: now };
    const wait = findWait(before, total >= tightAfter ? 1 : free, now);
    if (wait > 0) return Math.ceil(wait / 1000);
    kv.put<Failures>(key, { count: before.count + 1, lastAt: now });
    await this.#wakeAt(now + failureMemory);
    return 0;
  }

  /** Takes an attempt back that did not fail. */
  async takeBack(caller: string): Promise<void> {
    const { kv } = this.ctx.storage;
    const key = failuresOf + caller;
    const failures = kv.get<Failures>(key);
    if (failures === undefined) return;
    if (failures.count > 1) kv.put<Failures>(key, { ...failures, count: failures.count - 1 });
    else kv.delete(key);
  }

  /** Forgets every failure of a caller. */
  async forget(caller: string): Promise<void> {
    this.ctx.storage.kv.delete(failuresOf + caller);
  }

  /**
   * Takes one of the places that a day (UTC) has. A caller may have taken a tenth of what is left to the
   * others, and one as long as there is any: so nobody uses up the day, and ten callers leave a third.
   * @param caller left out where nobody knows it: then it has no share.
   * @returns the day, or why there is no place.
   */
  async reserve(places: number, caller?: string): Promise<number | NoPlace> {
    const day = Math.floor(Date.now() / dayLength);
    const count = this.#countOf(registrations, day);
    if (count >= places) return "full";
    if (caller !== undefined) {
      const own = this.#countOf(registrationsOf + caller, day);
      if (own >= Math.max(1, Math.floor((places - count) * share))) return "share";
      this.#setCount(registrationsOf + caller, day, own + 1);
    }
    this.#setCount(registrations, day, count + 1);
    await this.#wakeAt((day + 1) * dayLength);
    return day;
  }

  /** Gives back a place of a day that was not needed. */
  async giveBack(day: number, caller?: string): Promise<void> {
    const names = [registrations, ...(caller === undefined ? [] : [registrationsOf + caller])];
    for (const name of names) {
      const count = this.#countOf(name, day);
      if (count > 0) this.#setCount(name, day, count - 1);
    }
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    const { kv } = this.ctx.storage;
    const failures = this.#listFailures();
    for (const [key, value] of failures) if (!isRemembered(value, now)) kv.delete(key);
    const last = Math.max(...failures.map(([, { lastAt }]) => lastAt + failureMemory));
    const { day = -1 } = kv.get<Day>(registrations) ?? {};
    const end = Math.max(last, (day + 1) * dayLength);
    if (end > now) await this.ctx.storage.setAlarm(end);
    else await this.ctx.storage.deleteAll();
  }

  #countOf(name: string, day: number): number {
    const taken = this.ctx.storage.kv.get<Day>(name);
    return taken?.day === day ? taken.count : 0;
  }

  #setCount(name: string, day: number, count: number): void {
    this.ctx.storage.kv.put<Day>(name, { day, count });
  }

  #listFailures(): [string, Failures][] {
    return [...this.ctx.storage.kv.list<Failures>({ prefix: failuresOf })];
  }

  async #wakeAt(time: number): Promise<void> {
    const { storage } = this.ctx;
    if ((await storage.getAlarm()) === null) await storage.setAlarm(time);
  }
}
