/** One API call, as the status page shows it. */
export interface JournalEntry {
  /** Counts all calls since the start, from 1. */
  readonly number: number;
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Without secrets. */
  readonly body: string;
  /** Without secrets. */
  readonly answer: string;
}

/** Calls that are remembered. */
const kept = 200;

/** Characters of a body that are remembered. */
const keptLength = 4000;

export class Journal {
  #entries: JournalEntry[] = [];
  #count = 0;

  add(entry: Omit<JournalEntry, "number">): void {
    const { body, answer } = entry;
    this.#count += 1;
    const number = this.#count;
    this.#entries.push({ ...entry, number, body: shorten(body), answer: shorten(answer) });
    if (this.#entries.length > kept) this.#entries = this.#entries.slice(-kept);
  }

  clear(): void {
    this.#entries = [];
  }

  /** The newest first. */
  list(): JournalEntry[] {
    return this.#entries.toReversed();
  }
}

function shorten(text: string): string {
  return text.length > keptLength ? `${text.slice(0, keptLength)} …` : text;
}
