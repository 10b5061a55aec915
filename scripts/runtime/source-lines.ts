import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";
import { mainModule, mapOwner, toMapPath } from "../../infra/bundle.ts";

/** A place in a bundle, as V8 writes it in a stack: the runtime gives modules addresses of their own. */
const place = new RegExp(
  `(?:file:///|(?<![\\w/.-]))${mainModule.replace(".", "\\.")}:(\\d+):(\\d+)`,
  "g",
);

/**
 * Puts a place in the sources where a line of the log has one in the bundle: `worker/tools/sum.ts:12:5` for
 * `worker.js:1:4821`. The source map stays on this machine, beside the bundle.
 */
export class SourceLines {
  readonly #bundleFile: string;
  readonly #root: string;
  readonly #findCode: () => string | undefined;
  #code: string | undefined;
  /** When the map was written. A line that moved changes the map, and often not the code. */
  #written: number | undefined;
  /** Undefined: not looked for yet. */
  #map: SourceMap | "none" | undefined;

  /**
   * @param root what places are told from: the checkout.
   * @param findCode the code that runs now. Undefined: several, or none.
   */
  constructor(bundleFile: string, root: string, findCode: () => string | undefined) {
    this.#bundleFile = bundleFile;
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
      const source = resolve(dirname(this.#bundleFile), entry.originalSource);
      const path = relative(this.#root, source).split(sep).join("/");
      return `${path}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    });
  }

  #getMap(): SourceMap | "none" {
    const code = this.#findCode();
    const written = statSync(toMapPath(this.#bundleFile), { throwIfNoEntry: false })?.mtimeMs;
    if (code !== this.#code || written !== this.#written) {
      this.#code = code;
      this.#written = written;
      this.#map = undefined;
    }
    this.#map ??= this.#readMap();
    return this.#map;
  }

  #readMap(): SourceMap | "none" {
    if (this.#code === undefined) return "none";
    try {
      const text = readFileSync(toMapPath(this.#bundleFile), "utf8");
      const payload = JSON.parse(text) as SourceMapPayload & { readonly [mapOwner]?: string };
      const sha256 = createHash("sha256").update(this.#code).digest("hex");
      return payload[mapOwner] === sha256 ? new SourceMap(payload) : "none";
    } catch {
      // Without a map the log is as the Worker wrote it.
      return "none";
    }
  }
}
