import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** One request of the real provider, and what it got back. */
export interface Exchange {
  /** What the person did; `lost-answer.jsonl` has none. */
  readonly step?: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly response: string;
  readonly responseType: string;
}

/** Reads a recording. */
export async function readTraffic(name: "life" | "lost-answer"): Promise<Exchange[]> {
  const text = await readFile(join(import.meta.dirname, `${name}.jsonl`), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Exchange);
}
