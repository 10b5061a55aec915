/** What happened in a run, as it stands in docs/security.md. */
export interface Tally {
  days: number;
  people: number;
  /** Client processes, of all people together. */
  processes: number;
  calls: number;
  refreshes: number;
  /** Answers to a refresh that did not reach the client. */
  lostAnswers: number;
  /** Objects that were taken out of memory, in the midst of a call or between calls. */
  restartedObjects: number;
  deployments: number;
  /** Calls and refreshes that were refused with the word to come again, and then went well. */
  retries: number;
  /** People who would have had to sign in again. */
  signedOut: number;
  /** Calls that failed and were not told to come again. */
  failed: number;
}

/** A run's tally, with what went wrong in words. */
export class Ledger {
  readonly tally: Tally;
  /** The first of what went wrong. */
  readonly problems: string[] = [];

  constructor(first: Pick<Tally, "days" | "people" | "processes">) {
    this.tally = {
      ...first,
      calls: 0,
      refreshes: 0,
      lostAnswers: 0,
      restartedObjects: 0,
      deployments: 0,
      retries: 0,
      signedOut: 0,
      failed: 0,
    };
  }

  /** Counts something. */
  count(name: Exclude<keyof Tally, "days" | "people" | "processes">, problem?: string): void {
    this.tally[name] += 1;
    if (problem !== undefined && this.problems.length < 50) this.problems.push(problem);
  }
}
