import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { type Bundle, bundleWorker } from "../../infra/bundle.ts";

/** A bundle that is there already, of code that has not changed since. */
export interface KnownBundle {
  /** Absolute path. */
  readonly file: string;
  readonly sha256: string;
  /** Names of its exports but `default`. */
  readonly exports: readonly string[];
  /** As of `Bundle`. Default: measured when somebody asks. */
  readonly gzipBytes?: number | undefined;
}

/** Bundles the Worker for the program, or hands it the bundle that is there. */
export class Bundler {
  readonly #entryPoint: string;
  readonly #known: KnownBundle | undefined;
  /** The bundle that the program was given, where another run can do with the same. */
  made: KnownBundle | undefined;

  /** @param entryPoint of the Worker, from the root of the checkout. */
  constructor(entryPoint: string, known: KnownBundle | undefined) {
    this.#entryPoint = entryPoint;
    this.#known = known;
  }

  /** @param stubs as `bundleWorker` takes them: a bundle with any is made each time. */
  async bundle(stubs: readonly string[]): Promise<Bundle> {
    const found = stubs.length === 0 ? await readKnown(this.#known) : undefined;
    const bundle = found ?? (await bundleWorker({ entryPoint: this.#entryPoint, stubs }));
    const { file, sha256, exports, gzipBytes } = bundle;
    if (stubs.length === 0) this.made = { file, sha256, exports, gzipBytes };
    return bundle;
  }
}

/** Undefined where the file is not that bundle any more. */
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
