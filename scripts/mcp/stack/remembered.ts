/** An answer of the CLI, asked for once until it may be another. What fails is asked for again. */
export class Remembered<Answer> {
  readonly #ask: () => Promise<Answer>;
  #answer: Promise<Answer> | undefined;

  constructor(ask: () => Promise<Answer>) {
    this.#ask = ask;
  }

  read(): Promise<Answer> {
    this.#answer ??= this.#askOnce();
    return this.#answer;
  }

  forget(): void {
    this.#answer = undefined;
  }

  #askOnce(): Promise<Answer> {
    const answer = this.#ask().catch((error: unknown) => {
      // Meanwhile it may have been forgotten, and asked again.
      if (this.#answer === answer) this.forget();
      throw error;
    });
    return answer;
  }
}

/** Something that is asked now and waited for later: each call of the CLI takes a while. If it fails, that is told there. */
export function ahead<Answer>(answer: Promise<Answer>): Promise<Answer> {
  answer.catch(() => {});
  return answer;
}
