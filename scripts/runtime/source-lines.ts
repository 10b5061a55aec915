import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { mainModule, toMapPath } from "../../infra/bundle.ts";
import { BundleMap } from "./source-map.ts";

/** Puts places in the sources into the lines of a Worker's log that has places in its bundle. */
export class SourceLines {
  readonly #bundleFile: string;
  readonly #root: string;
  readonly #findCode: () => string | undefined;
  #code: string | undefined;
  /** When the map was written. A line that moved changes the map, and often not the code. */
  #written: number | undefined;
  /** Undefined: not looked for yet. */
  #map: BundleMap | "none" | undefined;

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
    return map === "none" ? line : map.translate(line, this.#root);
  }

  #getMap(): BundleMap | "none" {
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

  #readMap(): BundleMap | "none" {
    if (this.#code === undefined) return "none";
    const map = BundleMap.read(this.#bundleFile);
    const sha256 = createHash("sha256").update(this.#code).digest("hex");
    return map?.owner === sha256 ? map : "none";
  }
}
