import { createHash } from "node:crypto";
import { mainModule } from "../../infra/bundle.ts";
import { type BundleMap, findMap, listMaps, type MapFile } from "./source-map.ts";

/** Puts places in the sources into the lines of a Worker's log that has places in its bundle. */
export class SourceLines {
  readonly #folder: string;
  readonly #root: string;
  readonly #findCode: () => string | undefined;
  #code: string | undefined;
  /** The folder's maps, and when each was written. A line that moved changes the map, and often not the code. */
  #written: string | undefined;
  /** Undefined: not looked for yet. */
  #map: BundleMap | "none" | undefined;

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
    return map === "none" ? line : map.translate(line, this.#root);
  }

  #getMap(): BundleMap | "none" {
    const code = this.#findCode();
    const files = listMaps(this.#folder);
    const written = JSON.stringify(files);
    if (code !== this.#code || written !== this.#written) {
      this.#code = code;
      this.#written = written;
      this.#map = undefined;
    }
    this.#map ??= this.#readMap(files);
    return this.#map;
  }

  #readMap(maps: readonly MapFile[]): BundleMap | "none" {
    if (this.#code === undefined) return "none";
    // Without a map the log is as the Worker wrote it.
    return findMap(maps, createHash("sha256").update(this.#code).digest("hex")) ?? "none";
  }
}
