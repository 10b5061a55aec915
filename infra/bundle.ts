import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join, parse, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build, type Metafile, type Plugin, transform } from "esbuild";
import { replaceFile } from "./replace-file.ts";
import { writeStubEntry } from "./stub-entry.ts";
import { UnchangedBundle, type WrittenBundle } from "./unchanged-bundle.ts";
import { allWaysIn, leaveOutWays, type WayIn } from "./ways-in.ts";

export const projectRoot = resolve(import.meta.dirname, "..");

/** Name of the bundle's only module, in the upload and in the dev server. */
export const mainModule = "worker.js";

/** Folder of all bundles that are deployed, and of their source maps, from the root of the checkout. */
export const bundleFolder = ".build";

/** The Worker's entry, from the root of the checkout. */
export const productEntry = "worker/index.ts";

/** Distinguishes the bundles of one entry. */
export interface BundleVariant {
  /** The ways in that the Worker has; the code of others is left out. Default: all. */
  readonly ways?: readonly WayIn[];
  /** Durable Object classes that are exported as stubs beside the Worker's own. Default: none. */
  readonly stubs?: readonly string[];
}

/**
 * Where a bundle is written, from the root: each variant has a file of its own, as two stacks may be deployed at
 * once. The one of the Worker with all ways in is `.build/worker.js`.
 */
export function toBundlePath(
  entryPoint: string,
  { ways = allWaysIn, stubs = [] }: BundleVariant = {},
): string {
  const path = entryPoint === productEntry ? mainModule : entryPoint.replaceAll("/", "-");
  const isWhole = allWaysIn.every((way) => ways.includes(way));
  const name = [parse(path).name, ...(isWhole ? [] : ways), ...stubs].join("-");
  return join(bundleFolder, `${name}.js`);
}

/** Where the source map of a bundle is. Never uploaded, never served. */
export function toMapPath(bundleFile: string): string {
  return `${bundleFile}.map`;
}

/** Member of a source map that says which bundle it is of: a SHA-256 in hex. */
export const mapOwner = "x_bundle_sha256";

/** The Worker as one ESM file. */
export interface Bundle {
  /** Absolute path of the file. */
  readonly file: string;
  readonly code: string;
  /** SHA-256 of the file in hex: what makes an upload necessary. */
  readonly sha256: string;
  readonly bytes: number;
  /** Bytes after gzip at its highest level, as Cloudflare counts a Worker's size. */
  readonly gzipBytes: number;
  /** Its named exports: the Durable Object classes. */
  readonly exports: readonly string[];
  /** Which module holds how many bytes; see `tests/bench/budgets.json`. */
  readonly metafile: Metafile;
}

/** How the Worker is bundled. `neutral`, because nothing of Node is there but `node:async_hooks`. */
function createBuildOptions(root: string) {
  return {
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    tsconfig: join(root, "worker/tsconfig.json"),
    legalComments: "none",
    metafile: true,
    // Beside the bundle, which neither names nor holds it: what is served says nothing of the sources.
    sourcemap: "external",
    sourcesContent: false,
    write: false,
    logLevel: "silent",
    plugins: [inlineAssets],
  } as const satisfies BuildOptions;
}

/** Options of a bundle that is not the Worker of this checkout. */
export interface BundleOptions extends BundleVariant {
  /** Root of the checkout. */
  readonly root?: string;
  /** The Worker's entry, from the root. Default: `productEntry`. */
  readonly entryPoint?: string;
  /** Absolute path of the file that is written. Default: in `.build` of the root, by entry and variant. */
  readonly file?: string;
  /** Default: yes. Without it, a debugger shows the names of the sources. */
  readonly minify?: boolean;
  /**
   * Whether a bundle that is there is taken if its sources are unchanged, and the new one noted for others to take.
   * Default: yes. For sources that have changed it is in vain, and takes a tenth of the time.
   */
  readonly isReused?: boolean;
  /** Of esbuild, beside our own: what packages need that are not made for Workers. Default: none. */
  readonly plugins?: readonly Plugin[];
}

/**
 * Bundles a Worker. The file is replaced in one step, so that two runs at once never leave half of
 * it. A bundle that is there already is taken if its sources are unchanged, unless told otherwise.
 * @throws esbuild's BuildFailure, whose `errors` name file, line and column.
 */
export async function bundleWorker({
  root = projectRoot,
  entryPoint = productEntry,
  ways = allWaysIn,
  stubs = [],
  file = join(root, toBundlePath(entryPoint, { ways, stubs })),
  minify = true,
  isReused = true,
  plugins = [],
}: BundleOptions = {}): Promise<Bundle> {
  const entry =
    stubs.length === 0
      ? { entryPoints: [entryPoint] }
      : { stdin: { contents: writeStubEntry(entryPoint, stubs), resolveDir: root } };
  const { plugins: own, ...rest } = createBuildOptions(root);
  const options = { ...rest, minify, outfile: file, ...entry };
  // What another plugin does is not known.
  const before =
    isReused && plugins.length === 0
      ? new UnchangedBundle(root, [file, toMapPath(file)], { ...options, ways })
      : undefined;
  const unchanged = await before?.find();
  if (unchanged !== undefined) return describeBundle(file, unchanged);
  const start = Date.now();
  const { outputFiles, metafile } = await build({
    ...options,
    plugins: [...own, leaveOutWays(root, ways), ...plugins],
  });
  const map = outputFiles.find(({ path }) => path.endsWith(".map"));
  const code = outputFiles.find((output) => output !== map);
  if (code === undefined || map === undefined) throw new Error("esbuild wrote no file");
  const bundle = await writeBundle(file, code.contents, metafile, map.text);
  await before?.note(metafile, bundle.sha256, start);
  return bundle;
}

/**
 * Writes a bundle's file in one step, and describes it.
 * @param metafile of what esbuild made of it.
 * @param map its source map. Without one, that of the bundle before is removed.
 */
export async function writeBundle(
  file: string,
  contents: Uint8Array,
  metafile: Metafile,
  map?: string,
): Promise<Bundle> {
  const sha256 = createHash("sha256").update(contents).digest("hex");
  const mapFile = toMapPath(file);
  if (map === undefined) await rm(mapFile, { force: true });
  else await replaceFile(mapFile, map.replace("{", `{"${mapOwner}":"${sha256}",`));
  await replaceFile(file, contents);
  return describeBundle(file, { contents, sha256, metafile });
}

function describeBundle(file: string, { contents, sha256, metafile }: WrittenBundle): Bundle {
  let gzipBytes: number | undefined;
  return {
    file,
    code: new TextDecoder().decode(contents),
    sha256,
    bytes: contents.length,
    // Measured when first asked for: a reload of the dev server need not wait for it.
    get gzipBytes() {
      gzipBytes ??= gzipSync(contents, { level: 9 }).length;
      return gzipBytes;
    },
    exports: Object.values(metafile.outputs)
      .flatMap((written) => written.exports)
      .filter((name) => name !== "default"),
    metafile,
  };
}

/**
 * `import text from "./file?inline"` (minified style sheet) and `?raw` (any text; scripts are
 * minified), with the meaning that Vite gives them, so that tests can import the same files.
 */
const inlineAssets: Plugin = {
  name: "inline-assets",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\?(inline|raw)$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace(/\?\w+$/, "")),
      namespace: "text-asset",
    }));
    onLoad({ filter: /.*/, namespace: "text-asset" }, async ({ path }) => ({
      contents: await readAsset(path),
      loader: "text",
      watchFiles: [path],
    }));
  },
};

async function readAsset(path: string): Promise<string> {
  const text = await readFile(path, "utf8");
  const loader = path.endsWith(".css") ? "css" : path.endsWith(".js") ? "js" : undefined;
  if (loader === undefined) return text.trim();
  const { code } = await transform(text, { loader, minify: true });
  return code.trim();
}
