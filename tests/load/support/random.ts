/** Numbers that look random and are the same for the same seed, so that a run can be repeated. */
export class Random {
  #state: number;

  /** @param seed of 32 bits. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1, without 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A number between two, the second left out. */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** A whole number between two, both of them possible. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  /** Whether something happens that happens in so many cases. @param share from 0 to 1. */
  happens(share: number): boolean {
    return this.next() < share;
  }

  /** One of several. @throws Error where there is none. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new Error("There is nothing to pick from.");
    return item;
  }

  /** Another source that depends on this one, so that two who draw at once do not mix. */
  fork(): Random {
    return new Random(this.whole(0, 2 ** 32 - 1));
  }
}
