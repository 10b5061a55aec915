import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { mainModule, mapOwner } from "../../infra/bundle.ts";

/** A place in a bundle, as V8 writes it in a stack: the runtime gives modules addresses of their own. */
const place = new RegExp(
  `(?:file:///|(?<![\\w/.-]))${mainModule.replace(".", "\\.")}:(\\d+):(\\d+)`,
  "g",
);

/** Whether a text has a place in a bundle. */
export function hasPlace(text: string): boolean {
  return text.search(place) !== -1;
}

/** A map's file, and when it was written, in milliseconds since the epoch. */
export interface MapFile {
  readonly path: string;
  readonly written: number;
}

/** The maps in a folder of bundles: each variant of the Worker has its own. */
export function listMaps(folder: string): readonly MapFile[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".js.map"))
      .map((name) => join(folder, name))
      .map((path) => ({ path, written: statSync(path).mtimeMs }));
  } catch {
    // Nothing was bundled here, or a map was removed this moment.
    return [];
  }
}

/** The one that is of the bundle with this digest, in hex. Undefined: none of them, or it cannot be read. */
export function findMap(maps: readonly MapFile[], sha256: string): BundleMap | undefined {
  const found = maps.find(({ path }) => isMapOf(path, sha256));
  return found && BundleMap.read(found.path);
}

/** Whether a map is of the bundle with this digest. It says so first, so only its beginning is read. */
function isMapOf(path: string, sha256: string): boolean {
  const beginning = Buffer.from(`{"${mapOwner}":"${sha256}"`);
  const found = Buffer.alloc(beginning.length);
  try {
    const file = openSync(path, "r");
    try {
      readSync(file, found);
    } finally {
      closeSync(file);
    }
  } catch {
    // Removed this moment.
    return false;
  }
  return found.equals(beginning);
}

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

  /** Undefined if there is none that can be read. */
  static read(path: string): BundleMap | undefined {
    try {
      const text = readFileSync(path, "utf8");
      const payload = JSON.parse(text) as SourceMapPayload & { readonly [mapOwner]?: string };
      return new BundleMap(payload[mapOwner], new SourceMap(payload), dirname(path));
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
