import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../../json.ts";
import type { ClientFile, Entry } from "../client.ts";

/** Where a text cannot be read: counted from 1, as editors do. */
export class SyntaxFault extends Error {
  override readonly name = "SyntaxFault";
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** A change that cannot be made without changing more than it should. */
export class EditFault extends Error {
  override readonly name = "EditFault";
}

/** A format of configuration files. Every change leaves the rest of the text as it is. */
export interface DocumentFormat {
  /** @throws SyntaxFault for what is not such a file. @returns all it says. */
  read(text: string): Readonly<Record<string, unknown>>;
  /** Adds or replaces `section.name`. */
  setEntry(text: string, section: string, name: string, entry: Entry): string;
  /** Takes `section.name` out; a section that becomes empty stays. */
  removeEntry(text: string, section: string, name: string): string;
  /**
   * Puts in the entry that another text has, letter by letter: what a program writes from values has no
   * comments, and loses numbers that it cannot represent.
   * @throws EditFault if the other's form has no place.
   */
  copyEntry(text: string, section: string, name: string, from: string): string;
  /** The entry alone, as a file would have it. */
  show(section: string, name: string, entry: Entry): string;
}

/** A client's configuration file, as a text: what it says of one server, and what it would say. */
export class ConfigDocument {
  readonly text: string;
  readonly #format: DocumentFormat;
  readonly #section: string;
  readonly #name: string;
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws SyntaxFault for a text that is not of the format, or has something else for its section. */
  constructor(format: DocumentFormat, section: string, name: string, text: string) {
    this.text = text;
    this.#format = format;
    this.#section = section;
    this.#name = name;
    this.#values = format.read(text);
    const found = this.#values[section];
    if (found !== undefined && !isRecord(found)) {
      const before = text.slice(0, Math.max(0, text.indexOf(section)));
      const lines = before.split("\n");
      throw new SyntaxFault(
        `"${section}" is not a table of servers`,
        lines.length,
        (lines.at(-1)?.length ?? 0) + 1,
      );
    }
  }

  /** The entry of this name; undefined: there is none. */
  get entry(): Entry | undefined {
    const found = this.#found;
    return isRecord(found) ? found : found === undefined ? undefined : { value: found };
  }

  /** The value that is there, whatever it is. */
  get #found(): unknown {
    const section = this.#values[this.#section];
    return isRecord(section) && Object.hasOwn(section, this.#name)
      ? section[this.#name]
      : undefined;
  }

  /** Whether the entry says just this. */
  has(entry: Entry): boolean {
    return isDeepStrictEqual(toPlain(this.entry), toPlain(entry));
  }

  /** The text with this entry instead; undefined takes it out. @throws EditFault */
  withEntry(entry: Entry | undefined): string {
    if (entry === undefined) {
      if (this.entry === undefined) return this.text;
      return this.#check(this.#format.removeEntry(this.text, this.#section, this.#name), entry);
    }
    if (this.has(entry)) return this.text;
    return this.#check(this.#format.setEntry(this.text, this.#section, this.#name, entry), entry);
  }

  /** The text with the entry of another document, as it is written there. @throws EditFault */
  withEntryOf(other: ConfigDocument): string {
    if (other.entry === undefined) return this.withEntry(undefined);
    return this.#check(
      this.#format.copyEntry(this.text, this.#section, this.#name, other.text),
      other.#found,
    );
  }

  /** Checks that the entry has changed and nothing else has: no fault of ours may damage a person's file. */
  #check(text: string, entry: unknown): string {
    const { [this.#section]: before = {}, ...others } = toPlain(this.#values);
    const { [this.#section]: after = {}, ...othersAfter } = toPlain(this.#read(text));
    const { [this.#name]: _before, ...neighbours } = before as Record<string, unknown>;
    const { [this.#name]: found, ...neighboursAfter } = after as Record<string, unknown>;
    const isRight =
      isDeepStrictEqual(others, othersAfter) &&
      isDeepStrictEqual(neighbours, neighboursAfter) &&
      isDeepStrictEqual(found, entry === undefined ? undefined : toPlain(entry));
    if (!isRight) throw new EditFault("The change would alter more of the file than its entry.");
    return text;
  }

  #read(text: string): Readonly<Record<string, unknown>> {
    try {
      return this.#format.read(text);
    } catch (cause) {
      throw new EditFault("The change would break the file.", { cause });
    }
  }
}

/** The format of a client's file, loaded when it is needed. */
export async function loadFormat({ format }: ClientFile): Promise<DocumentFormat> {
  if (format === "toml") return (await import("./toml.ts")).toml;
  return (await import("./jsonc.ts")).jsonc;
}

/** Without what a parser adds to values, such as the classes of TOML's dates; no two values look alike. */
function toPlain(value: unknown): Record<string, unknown> {
  if (value === undefined) return {};
  return JSON.parse(
    JSON.stringify(value, (_key, each: unknown) =>
      typeof each === "bigint" || (typeof each === "number" && !Number.isFinite(each))
        ? { number: String(each) }
        : each,
    ),
  );
}
