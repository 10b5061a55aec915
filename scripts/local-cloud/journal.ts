/** One API call, as the status page shows it. */
export interface JournalEntry {
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

/** The last API calls. */
export class Journal {
  #entries: JournalEntry[] = [];

  add(entry: JournalEntry): void {
    const { body, answer } = entry;
    this.#entries.push({ ...entry, body: shorten(body), answer: shorten(answer) });
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
