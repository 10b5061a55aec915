/** What moves with the time of a timeline. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: number;
  advanceTo(time: number): Promise<void>;
}

/** Milliseconds within which those that wake do so together. */
const moment = 1_000;

/** Somebody that sleeps. */
interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * Lets many act in simulated time: when all of them sleep, the clock goes to the moment when the next one
 * wakes. Those that wake in one moment act at the same time, for real.
 */
export class Timeline {
  readonly #clock: Clock;
  readonly #sleepers: Sleeper[] = [];
  #companions: (() => void)[] = [];
  #awake = 0;
  #allAsleep = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#clock.now;
  }

  /** Sleeps so many simulated milliseconds. */
  sleep(time: number): Promise<void> {
    return this.sleepUntil(this.now + time);
  }

  /** Sleeps until a time. One that has passed is the next moment. */
  sleepUntil(at: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sleepers.push({ at, wake: resolve });
    this.#leave();
    return promise;
  }

  /** Sleeps until somebody else wakes, to act at the same time. */
  sleepUntilOthers(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#companions.push(resolve);
    this.#leave();
    return promise;
  }

  /** Lets several act at once as parts of one that waits for all of them. @throws what one of them throws. */
  async together(actors: readonly (() => Promise<void>)[]): Promise<void> {
    let left = actors.length;
    if (left === 0) return;
    // The place of the one that waits is taken over by the last of its parts.
    this.#awake += left - 1;
    await Promise.all(
      actors.map(async (act) => {
        try {
          await act();
        } finally {
          left -= 1;
          if (left > 0) this.#leave();
        }
      }),
    );
  }

  /**
   * Lets all act until each has come to its end; those that still wait for others are left.
   * @throws what one of them throws.
   */
  async run(actors: readonly (() => Promise<void>)[]): Promise<void> {
    this.#awake = actors.length;
    const failures: unknown[] = [];
    for (const act of actors) {
      void act()
        .catch((error: unknown) => failures.push(error))
        .finally(() => this.#leave());
    }
    for (;;) {
      if (this.#awake > 0) await this.#allAsleep.promise;
      if (failures.length > 0) throw failures[0];
      if (this.#sleepers.length === 0) break;
      await this.#wakeNext();
    }
  }

  async #wakeNext(): Promise<void> {
    const next = Math.min(...this.#sleepers.map(({ at }) => at));
    await this.#clock.advanceTo(next);
    // Real time has passed as well.
    const due = Math.max(next + moment, this.now);
    const woken = this.#sleepers.filter(({ at }) => at <= due).map(({ wake }) => wake);
    const rest = this.#sleepers.filter(({ at }) => at > due);
    this.#sleepers.splice(0, this.#sleepers.length, ...rest);
    this.#wake([...woken, ...this.#companions.splice(0)]);
  }

  #wake(sleepers: readonly (() => void)[]): void {
    this.#awake += sleepers.length;
    this.#allAsleep = Promise.withResolvers();
    for (const wake of sleepers) wake();
  }

  #leave(): void {
    this.#awake -= 1;
    if (this.#awake === 0) this.#allAsleep.resolve();
  }
}
