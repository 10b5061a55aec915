/** Runs pieces of work one after the other. A failure does not stop the next. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #length = 0;

  /** Pieces of work that run or wait. */
  get length(): number {
    return this.#length;
  }

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#length++;
    const result = this.#last.then(work).finally(() => this.#length--);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
