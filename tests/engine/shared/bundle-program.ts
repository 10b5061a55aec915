import { createHash } from "node:crypto";
import { access, glob, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build, version } from "esbuild";
import { replaceFile } from "../../../infra/replace-file.ts";

const engine = resolve(import.meta.dirname, "..");

/** Where programs are kept: from there they find the packages that they load, and the next run finds them. */
const kept = resolve(engine, "../../node_modules/.cache/remote-mcp-server-stand-ins");

/**
 * Makes one file of a program of `tests/engine`: every deployment starts it several times, and two dozen modules of
 * TypeScript take longer to load than all that they do. Made once for the same sources.
 * @param main its module.
 * @returns path of the file.
 */
export async function bundleProgram(name: string, main: string): Promise<string> {
  const file = join(kept, `${name}-${await readSources()}.mjs`);
  const isKept = await access(file).then(
    () => true,
    () => false,
  );
  if (isKept) return file;
  const { outputFiles } = await build({
    entryPoints: [main],
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    // What a program throws names its source.
    sourcemap: "inline",
    sourcesContent: false,
    write: false,
    logLevel: "silent",
    outfile: file,
  });
  const [made] = outputFiles;
  if (made === undefined) throw new Error(`esbuild made nothing of ${main}.`);
  await replaceFile(file, made.contents);
  return file;
}

let sources: Promise<string> | undefined;

/** A hash of all that the programs could be made of. */
function readSources(): Promise<string> {
  sources ??= hashSources();
  return sources;
}

async function hashSources(): Promise<string> {
  const hash = createHash("sha256").update(version);
  const names: string[] = [];
  for await (const name of glob("**/*.ts", { cwd: engine })) names.push(name);
  for (const name of names.toSorted()) {
    hash.update(`\0${name}\0`).update(await readFile(join(engine, name)));
  }
  return hash.digest("hex").slice(0, 16);
}
