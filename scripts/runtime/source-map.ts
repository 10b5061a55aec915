import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";
import { mainModule, mapOwner, toMapPath } from "../../infra/bundle.ts";

/** A place in a bundle, as V8 writes it in a stack: the runtime gives modules addresses of their own. */
const place = new RegExp(
  `(?:file:///|(?<![\\w/.-]))${mainModule.replace(".", "\\.")}:(\\d+):(\\d+)`,
  "g",
);

/** Whether a text has a place in a bundle. */
export function hasPlace(text: string): boolean {
  return text.search(place) !== -1;
}

/** The map that stands beside a bundle. */
export class BundleMap {
  /** SHA-256 of the bundle that it is of, in hex. Undefined: it does not say. */
  readonly owner: string | undefined;
  readonly #map: SourceMap;
  readonly #folder: string;

  private constructor(owner: string | undefined, map: SourceMap, folder: string) {
    this.owner = owner;
    this.#map = map;
    this.#folder = folder;
  }

  /** Undefined where there is none that can be read. */
  static read(bundleFile: string): BundleMap | undefined {
    try {
      const text = readFileSync(toMapPath(bundleFile), "utf8");
      const payload = JSON.parse(text) as SourceMapPayload & { readonly [mapOwner]?: string };
      return new BundleMap(payload[mapOwner], new SourceMap(payload), dirname(bundleFile));
    } catch {
      return undefined;
    }
  }

  /**
   * Puts places in the sources where a text has them in the bundle: `worker/tools/sum.ts:12:5` for `worker.js:1:4821`.
   * One that the map does not know stays as it is.
   * @param root what places are told from: the checkout.
   */
  translate(text: string, root: string): string {
    return text.replace(place, (found, row: string, column: string) => {
      const entry = this.#map.findEntry(Number(row) - 1, Number(column) - 1);
      if (!("originalSource" in entry)) return found;
      const source = resolve(this.#folder, entry.originalSource);
      const path = relative(root, source).split(sep).join("/");
      return `${path}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    });
  }
}
