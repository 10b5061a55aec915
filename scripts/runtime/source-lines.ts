import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { join, relative, resolve, sep } from "node:path";
import { mainModule, mapOwner } from "../../infra/bundle.ts";

/** A place in a bundle, as V8 writes it in a stack: the runtime gives modules addresses of their own. */
const place = new RegExp(
  `(?:file:///|(?<![\\w/.-]))${mainModule.replace(".", "\\.")}:(\\d+):(\\d+)`,
  "g",
);

/**
 * Puts a place in the sources where a line of the log has one in the bundle: `worker/tools/sum.ts:12:5` for
 * `worker.js:1:4821`. Source maps stay on this machine, beside their bundles.
 */
export class SourceLines {
  readonly #folder: string;
  readonly #root: string;
  readonly #findCode: () => string | undefined;
  #code: string | undefined;
  /** The folder's maps, and when each was written. A line that moved changes the map, and often not the code. */
  #written: string | undefined;
  /** Undefined: not looked for yet. */
  #map: SourceMap | "none" | undefined;

  /**
   * @param folder of the bundles, each with its map; one of them is of the code that runs.
   * @param root what places are told from: the checkout.
   * @param findCode the code that runs now. Undefined: several, or none.
   */
  constructor(folder: string, root: string, findCode: () => string | undefined) {
    this.#folder = folder;
    this.#root = root;
    this.#findCode = findCode;
  }

  /** The line with every place that is known; one of a bundle without a map stays as it is. */
  translate(line: string): string {
    if (!line.includes(mainModule)) return line;
    const map = this.#getMap();
    if (map === "none") return line;
    return line.replace(place, (found, row: string, column: string) => {
      const entry = map.findEntry(Number(row) - 1, Number(column) - 1);
      if (!("originalSource" in entry)) return found;
      const source = resolve(this.#folder, entry.originalSource);
      const path = relative(this.#root, source).split(sep).join("/");
      return `${path}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    });
  }

  #getMap(): SourceMap | "none" {
    const code = this.#findCode();
    const files = this.#listMaps();
    const written = JSON.stringify(files);
    if (code !== this.#code || written !== this.#written) {
      this.#code = code;
      this.#written = written;
      this.#map = undefined;
    }
    this.#map ??= this.#readMap(files.map(({ path }) => path));
    return this.#map;
  }

  #listMaps(): { readonly path: string; readonly written: number }[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => name.endsWith(".js.map"))
        .map((name) => join(this.#folder, name))
        .map((path) => ({ path, written: statSync(path).mtimeMs }));
    } catch {
      // Nothing was bundled here, or a map was removed this moment.
      return [];
    }
  }

  #readMap(paths: readonly string[]): SourceMap | "none" {
    if (this.#code === undefined) return "none";
    const sha256 = createHash("sha256").update(this.#code).digest("hex");
    try {
      const path = paths.find((one) => isMapOf(one, sha256));
      if (path === undefined) return "none";
      return new SourceMap(JSON.parse(readFileSync(path, "utf8")) as SourceMapPayload);
    } catch {
      // Without a map the log is as the Worker wrote it.
      return "none";
    }
  }
}

/** Whether a map is of the bundle with this digest. It says so first, so only its beginning is read. */
function isMapOf(path: string, sha256: string): boolean {
  const beginning = Buffer.from(`{"${mapOwner}":"${sha256}"`);
  const found = Buffer.alloc(beginning.length);
  const file = openSync(path, "r");
  try {
    readSync(file, found);
  } finally {
    closeSync(file);
  }
  return found.equals(beginning);
}
