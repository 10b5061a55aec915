import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";
import { type Metafile, version } from "esbuild";
import { replaceFile } from "./replace-file.ts";

/** A bundle as it is in its file, and what esbuild said of it. */
export interface WrittenBundle {
  readonly contents: Uint8Array;
  /** Of the contents, in hex. */
  readonly sha256: string;
  readonly metafile: Metafile;
}

/** How a bundle was made, in a file beside it. */
interface Receipt {
  /** The options of the bundle, with the version of esbuild. */
  readonly request: string;
  /** Each file that had a part in it, by its path from the root, with its SHA-256 in hex. */
  readonly inputs: Readonly<Record<string, string>>;
  /** SHA-256 of the bundle and of its source map. */
  readonly outputs: readonly string[];
  readonly metafile: Metafile;
}

/** Beside the sources, these decide what is made of them. A folder that lacks one has its bundle made each time. */
const rules = [
  "package.json",
  "tsconfig.json",
  "worker/tsconfig.json",
  "infra/bundle.ts",
  "infra/stub-entry.ts",
  "infra/unchanged-bundle.ts",
  "infra/ways-in.ts",
];

/** Milliseconds by which a file system's clock may be behind. */
const clockStep = 50;

/** A bundle that is made once for the same sources: an `up` runs the program twice, and most of them change no code. */
export class UnchangedBundle {
  readonly #root: string;
  readonly #files: readonly [bundle: string, map: string];
  readonly #request: string;

  /**
   * @param files absolute paths of the bundle and its source map.
   * @param request what decides how the sources are bundled, as JSON can hold it.
   */
  constructor(root: string, files: readonly [bundle: string, map: string], request: unknown) {
    this.#root = root;
    this.#files = files;
    // Wherever the checkout is: a runner may have it elsewhere each time, and bring the bundle from its cache.
    this.#request = JSON.stringify([version, request], (_, value: unknown) =>
      typeof value === "string" && isAbsolute(value) ? relative(root, value) : value,
    );
  }

  /** The previous bundle, if bundling again would give the same. */
  async find(): Promise<WrittenBundle | undefined> {
    try {
      const receipt = JSON.parse(await readFile(this.#receiptFile, "utf8")) as Receipt;
      if (receipt.request !== this.#request) return undefined;
      const [contents, map] = await Promise.all(this.#files.map((file) => readFile(file)));
      if (contents === undefined || map === undefined) return undefined;
      const sha256 = digest(contents);
      if (!isSame([sha256, digest(map)], receipt.outputs)) return undefined;
      const paths = Object.keys(receipt.inputs);
      if (!isSame(this.#digestAll(paths), Object.values(receipt.inputs))) return undefined;
      return { contents, sha256, metafile: receipt.metafile };
    } catch {
      // None was made, or a file of it is gone.
      return undefined;
    }
  }

  /**
   * Notes what the bundle was made of.
   * @param sha256 of the bundle that was made, in hex. Another run may have put its own in the place since.
   * @param start when that began, in milliseconds since the epoch: of a file that changed since, nobody knows which
   * text is in the bundle, and nothing is noted.
   */
  async note(metafile: Metafile, sha256: string, start: number): Promise<void> {
    const paths = [...new Set([...rules, ...this.#listFiles(metafile)])];
    try {
      const digests = this.#digestAll(paths);
      const times = paths.map((path) => statSync(resolve(this.#root, path)).ctimeMs);
      if (Math.max(...times) > start - clockStep) return;
      const outputs = [sha256, digest(await readFile(this.#files[1]))];
      const inputs = Object.fromEntries(paths.map((path, index) => [path, digests[index] ?? ""]));
      const receipt: Receipt = { request: this.#request, inputs, outputs, metafile };
      await replaceFile(this.#receiptFile, JSON.stringify(receipt));
    } catch {
      // A source that is not a file. It is asked for each time.
    }
  }

  /** Sources, and the manifests of their packages, which say which files of them are meant. */
  #listFiles({ inputs }: Metafile): string[] {
    const sources = Object.keys(inputs)
      // The entry with stubs, which is part of what is asked for.
      .filter((input) => input !== "<stdin>")
      // Our own kind of import has its name before the path.
      .map((input) => relative(this.#root, resolve(this.#root, input.replace(/^text-asset:/, ""))));
    const packages = sources.flatMap(
      (path) => /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0] ?? [],
    );
    return [...packages.map((path) => `${path}/package.json`), ...sources];
  }

  get #receiptFile(): string {
    return `${this.#files[0]}.made.json`;
  }

  /** At once, which takes a third of the time that hundreds of promises take. @throws Error for a file that is not there. */
  #digestAll(paths: readonly string[]): string[] {
    return paths.map((path) => digest(readFileSync(resolve(this.#root, path))));
  }
}

function digest(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("hex");
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}
