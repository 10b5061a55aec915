import { build } from "esbuild";
import { type Bundle, writeBundle } from "../../../infra/bundle.ts";

/**
 * The bundle of a version that was deployed, as the program takes it. The file gets exactly its bytes.
 * @throws esbuild's BuildFailure for code that is no module.
 */
export async function toBundle(code: Buffer, file: string): Promise<Bundle> {
  // Nothing is bundled: esbuild only lists what the module exports.
  const { metafile } = await build({
    stdin: { contents: code.toString("utf8"), loader: "js" },
    bundle: false,
    format: "esm",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return writeBundle(file, code, metafile);
}
