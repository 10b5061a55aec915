import { DurableObject } from "cloudflare:workers";
import type { WorkerEnv } from "../../env.ts";
import { type Failures, failureMemory, findWait, isStillCounted } from "./waiting-time.ts";

/** How many attempts may fail before one has to wait. */
export interface ThrottleRule {
  /** Failures of one caller. */
  readonly free: number;
  /** Failures of all callers together, after which each caller has only one free failure. */
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

/** The value of `totalRow`: the sum of all rows of failures, including those that the next alarm removes. */
interface Total {
  readonly failures: number;
  readonly callers: number;
}

const totalRow = "total";
const failuresOf = "failures:";
const registrations = "registrations";
const registrationsOf = "registrations:";

/** The share of a day's remaining places that one caller may have taken: an address, and the site it is part of. */
const shares = [1 / 10, 1 / 4];

/**
 * Callers whose failures are kept of one account. Others are not counted here, so that nobody is kept out;
 * each still has the counter of its own address.
 */
const mostCallers = 1000;

/** The fewest milliseconds between two alarms. */
const pause = 60_000;

/** Why there is no place: the day is full, or the caller has had its share. */
export type NoPlace = "full" | "share";

/**
 * Enforces limits that must hold everywhere, not per location. Each object counts one thing and is named after
 * it; each method takes effect before another begins. An alarm removes what no longer counts, and an object
 * that counts nothing stores nothing.
 */
export class Throttle extends DurableObject<WorkerEnv> {
  /**
   * Counts an attempt as failed until told otherwise, so a hundred at once count as a hundred.
   * @returns seconds to wait; 0 if it may be made; only then does it count.
   */
  async attempt(caller: string, { free, tightAfter = Infinity }: ThrottleRule): Promise<number> {
    const now = Date.now();
    const { kv } = this.ctx.storage;
    const key = failuresOf + caller;
    const stored = kv.get<Failures>(key);
    const isKept = stored !== undefined && isStillCounted(stored, now);
    const before = isKept ? stored : { count: 0, lastAt: now };
    const { failures, callers } = this.#total;
    const others = failures - (stored?.count ?? 0);
    const wait = findWait(before, others + before.count >= tightAfter ? 1 : free, now);
    if (wait > 0) return Math.ceil(wait / 1000);
    if (stored === undefined && callers >= mostCallers) return 0;
    this.#setFailures(key, { count: before.count + 1, lastAt: now });
    await this.#wakeAt(now + failureMemory);
    return 0;
  }

  /** Takes back an attempt that did not fail. */
  async takeBack(caller: string): Promise<void> {
    const key = failuresOf + caller;
    const failures = this.ctx.storage.kv.get<Failures>(key);
    if (failures === undefined) return;
    const count = failures.count - 1;
    this.#setFailures(key, count > 0 ? { ...failures, count } : undefined);
  }

  /** Forgets every failure of a caller. */
  async forget(caller: string): Promise<void> {
    this.#setFailures(failuresOf + caller, undefined);
  }

  /**
   * Takes one of the places that a day (UTC) has. An address may take at most a tenth of what is left to the
   * others, its site a quarter, and everybody one place while there is any. So nobody uses up the day, and ten
   * addresses leave a third of it.
   * @param callers the address and then its site; an unknown one is left out, and has no share.
   * @returns the day, or why there is no place.
   */
  async reserve(places: number, callers: readonly string[] = []): Promise<number | NoPlace> {
    const day = Math.floor(Date.now() / dayLength);
    const count = this.#countOf(registrations, day);
    if (count >= places) return "full";
    const own = callers.map((caller) => this.#countOf(registrationsOf + caller, day));
    const isOver = own.some(
      (taken, index) => taken >= Math.max(1, Math.floor((places - count) * (shares[index] ?? 1))),
    );
    if (isOver) return "share";
    for (const [index, caller] of callers.entries()) {
      this.#setCount(registrationsOf + caller, day, (own[index] ?? 0) + 1);
    }
    this.#setCount(registrations, day, count + 1);
    await this.#wakeAt((day + 1) * dayLength);
    return day;
  }

  /** Gives back a place of a day that was not needed. */
  async giveBack(day: number, callers: readonly string[] = []): Promise<void> {
    for (const name of [registrations, ...callers.map((caller) => registrationsOf + caller)]) {
      const count = this.#countOf(name, day);
      if (count > 0) this.#setCount(name, day, count - 1);
    }
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    const today = Math.floor(now / dayLength);
    const { kv } = this.ctx.storage;
    const due: number[] = [];
    for (const [key, failures] of this.#listFailures()) {
      if (isStillCounted(failures, now)) due.push(failures.lastAt + failureMemory);
      else kv.delete(key);
    }
    // Rows of callers may be from today, too, and older than this alarm.
    for (const [name, { day }] of [...kv.list<Day>({ prefix: registrations })]) {
      if (day >= today) due.push((day + 1) * dayLength);
      else kv.delete(name);
    }
    if (due.length === 0) return this.ctx.storage.deleteAll();
    kv.delete(totalRow);
    await this.ctx.storage.setAlarm(Math.max(Math.min(...due), now + pause));
  }

  #countOf(name: string, day: number): number {
    const taken = this.ctx.storage.kv.get<Day>(name);
    return taken?.day === day ? taken.count : 0;
  }

  #setCount(name: string, day: number, count: number): void {
    this.ctx.storage.kv.put<Day>(name, { day, count });
  }

  /** Counted again after an alarm. */
  get #total(): Total {
    const total = this.ctx.storage.kv.get<Total>(totalRow);
    if (total !== undefined) return total;
    const rows = this.#listFailures();
    const failures = rows.reduce((sum, [, { count }]) => sum + count, 0);
    return { failures, callers: rows.length };
  }

  #setFailures(key: string, next: Failures | undefined): void {
    const { kv } = this.ctx.storage;
    const before = kv.get<Failures>(key);
    const { failures, callers } = this.#total;
    if (next !== undefined) kv.put<Failures>(key, next);
    else if (!kv.delete(key)) return;
    kv.put<Total>(totalRow, {
      failures: failures + (next?.count ?? 0) - (before?.count ?? 0),
      callers: callers + (next === undefined ? 0 : 1) - (before === undefined ? 0 : 1),
    });
  }

  #listFailures(): [string, Failures][] {
    return [...this.ctx.storage.kv.list<Failures>({ prefix: failuresOf })];
  }

  async #wakeAt(time: number): Promise<void> {
    const { storage } = this.ctx;
    if ((await storage.getAlarm()) === null) await storage.setAlarm(time);
  }
}
