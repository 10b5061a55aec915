/** Work on one thing goes one after the other; on different things at once. */
export class Locks {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` when what came before with this key has ended, however it ended. */
  run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(work, work);
    const ended = result
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(key) === ended) this.#last.delete(key);
      });
    this.#last.set(key, ended);
    return result;
  }
}
