/** An answer of the CLI, asked for once until it may be another. What fails is asked for again. */
export class Remembered<Answer> {
  readonly #ask: () => Promise<Answer>;
  #answer: Promise<Answer> | undefined;

  constructor(ask: () => Promise<Answer>) {
    this.#ask = ask;
  }

  read(): Promise<Answer> {
    this.#answer ??= this.#ask().catch((error: unknown) => {
      this.forget();
      throw error;
    });
    return this.#answer;
  }

  forget(): void {
    this.#answer = undefined;
  }
}

/** Something that is asked now and waited for later: each call of the CLI takes a while. If it fails, that is told there. */
export function ahead<Answer>(answer: Promise<Answer>): Promise<Answer> {
  answer.catch(() => {});
  return answer;
}
