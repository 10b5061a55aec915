import { listBlocks, listCommands, parseDocument } from "../../docs/documents.ts";
import { findReason, installing } from "../../docs/not-run.ts";
import type { Terminal, Typing } from "./terminal.ts";

/** What a reader of a document puts in, beside what stands there. */
export interface Reader {
  readonly terminal: Terminal;
  /**
   * What they write for what is not theirs: a text of the document, and what takes its place. A function is
   * asked when a line needs it.
   */
  readonly values?: Readonly<Record<string, string | (() => string | Promise<string>)>>;
  /** What they type where a command asks: how the command begins, and what. */
  readonly typing?: Readonly<Record<string, Typing>>;
  /** Does what the text asks of them before a command, by how the command begins. */
  readonly before?: Readonly<Record<string, () => Promise<void>>>;
}

/** A line that was run. */
export interface Walked {
  readonly line: string;
  /** What it printed. A line that serves has printed nothing yet. */
  readonly printed: string;
  readonly milliseconds: number;
}

/** Lines that serve until they are stopped. */
const serves = /(?:^|&& )npm (?:start|run cloud)(?: -- .*)?$/;

/**
 * Does what a document says: runs its blocks in their order, as they are written. A line that serves keeps its
 * terminal, and what follows is typed into another one.
 * @param path the document's, from the root of the checkout.
 * @returns the lines that were run.
 * @throws Error for a line that fails, with what it printed.
 */
export async function walk(path: string, text: string, reader: Reader): Promise<Walked[]> {
  const walked: Walked[] = [];
  for (const { value: block, at } of listBlocks(parseDocument(path, text))) {
    for (const written of listCommands(block)) {
      const line = await fillIn(leaveOut(path, written), reader.values ?? {});
      if (line === "") continue;
      await find(reader.before, written)?.();
      const started = performance.now();
      try {
        const isServer = serves.test(line);
        const printed = isServer
          ? await reader.terminal.serve(line).then(() => "")
          : await reader.terminal.run(line, find(reader.typing, written));
        const milliseconds = Math.round(performance.now() - started);
        walked.push({ line: written, printed, milliseconds });
      } catch (error) {
        throw new Error(`${at}: this does not run as it is written.\n${String(error)}`);
      }
    }
  }
  return walked;
}

/** What of a line is run: all but the commands that the list names. */
function leaveOut(path: string, line: string): string {
  return line
    .replace(/\s+#.*$/, "")
    .split(" && ")
    .filter((command) => path === installing || findReason(path, command) === undefined)
    .join(" && ");
}

async function fillIn(line: string, values: NonNullable<Reader["values"]>): Promise<string> {
  let filled = line;
  for (const [text, value] of Object.entries(values)) {
    if (!filled.includes(text)) continue;
    filled = filled.replaceAll(text, typeof value === "string" ? value : await value());
  }
  // It asks the system whose account this is, and not HOME.
  if (line.includes("login --local")) {
    throw new Error(
      `${line}\nThis writes into the home of whoever runs the tests. Use file://$HOME.`,
    );
  }
  const [left] = /…|<[a-z][^>]*>/.exec(filled) ?? [];
  if (left === undefined) return filled;
  throw new Error(`${line}\nWhat does a reader put for ${left}?`);
}

/** What is said of the commands that begin so. */
function find<Value>(
  said: Readonly<Record<string, Value>> | undefined,
  line: string,
): Value | undefined {
  const found = Object.entries(said ?? {}).find(([start]) => line.startsWith(start));
  return found?.[1];
}
