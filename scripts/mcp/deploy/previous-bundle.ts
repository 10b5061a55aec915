import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Bundle } from "../../../infra/bundle.ts";
import { replaceFile } from "../../../infra/replace-file.ts";

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
  await replaceFile(file, code);
  return {
    file,
    code: code.toString("utf8"),
    sha256: createHash("sha256").update(code).digest("hex"),
    bytes: code.length,
    gzipBytes: gzipSync(code, { level: 9 }).length,
    exports: Object.values(metafile.outputs)
      .flatMap((written) => written.exports)
      .filter((name) => name !== "default"),
    metafile,
  };
}
