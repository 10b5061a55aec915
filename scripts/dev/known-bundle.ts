import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { type Bundle, type BundleVariant, bundleWorker } from "../../infra/bundle.ts";
import type { WayIn } from "../../infra/ways-in.ts";

/** A bundle that is there already, of code that has not changed since. */
export interface KnownBundle {
  /** Absolute path. */
  readonly file: string;
  readonly sha256: string;
  /** Names of its exports but `default`. */
  readonly exports: readonly string[];
  /** The ways in that it has: other settings need another bundle. */
  readonly ways: readonly WayIn[];
  /** As of `Bundle`. Default: measured when somebody asks. */
  readonly gzipBytes?: number | undefined;
}

/** Bundles the Worker for the program, or hands it the bundle that is there. */
export class Bundler {
  readonly #entryPoint: string;
  readonly #known: KnownBundle | undefined;
  /** The bundle that the program was given, if another run can do with the same. */
  made: KnownBundle | undefined;
  /** The ways in of the stack, once the program has asked for its bundle. */
  ways: readonly WayIn[] | undefined;

  /** @param entryPoint of the Worker, from the root of the checkout. */
  constructor(entryPoint: string, known: KnownBundle | undefined) {
    this.#entryPoint = entryPoint;
    this.#known = known;
  }

  /** @param variant as `bundleWorker` takes it: a bundle with stubs is made each time. */
  async bundle({ stubs, ways }: Required<BundleVariant>): Promise<Bundle> {
    this.ways = ways;
    const isKnown = stubs.length === 0 && isSame(this.#known?.ways, ways);
    const found = isKnown ? await readKnown(this.#known) : undefined;
    const bundle = found ?? (await bundleWorker({ entryPoint: this.#entryPoint, stubs, ways }));
    const { file, sha256, exports, gzipBytes } = bundle;
    if (stubs.length === 0) this.made = { file, sha256, exports, ways, gzipBytes };
    return bundle;
  }
}

function isSame(some: readonly WayIn[] = [], others: readonly WayIn[]): boolean {
  return some.join() === others.join();
}

/** Undefined if the file is not that bundle any more. */
async function readKnown(known: KnownBundle | undefined): Promise<Bundle | undefined> {
  if (known === undefined) return undefined;
  const { file, sha256, exports } = known;
  const contents = await readFile(file).catch(() => undefined);
  if (contents === undefined) return undefined;
  if (createHash("sha256").update(contents).digest("hex") !== sha256) return undefined;
  return {
    file,
    code: contents.toString("utf8"),
    sha256,
    bytes: contents.length,
    gzipBytes: known.gzipBytes ?? gzipSync(contents, { level: 9 }).length,
    exports,
    metafile: { inputs: {}, outputs: {} },
  };
}
