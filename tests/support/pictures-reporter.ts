import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Reporter } from "vitest/node";
import { findPicturesFolder } from "./pictures.ts";

/** Says once at the end of a run where its pictures of pages are, if SCREENSHOTS asks for some. */
export default class PicturesReporter implements Reporter {
  readonly #start = Date.now();

  onTestRunEnd(): void {
    const folder = findPicturesFolder();
    if (folder === undefined) return;
    const taken = listFiles(folder).filter((file) => statSync(file).mtimeMs >= this.#start);
    if (taken.length > 0) process.stdout.write(`\n${taken.length} pictures of pages: ${folder}\n`);
  }
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    // No test of this machine has taken one yet.
    return [];
  }
}
