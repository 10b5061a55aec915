import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { toRoomier } from "./load-miniflare.ts";

/** Starts a Worker that reaches public addresses only, and says whether its process still has the variable. */
const program = `
import { WorkerRuntime } from ${JSON.stringify(import.meta.resolve("./runtime.ts"))};
const code = "export default { fetch: () => new Response() }";
await using runtime = await WorkerRuntime.boot([{
  name: "a",
  modules: [{ name: "a.js", type: "ESModule", contents: code }],
  compatibilityDate: "2026-01-01",
  compatibilityFlags: ["global_fetch_strictly_public"],
  bindings: [],
  crons: [],
}]);
console.log(process.env.NODE_EXTRA_CA_CERTS);`;

test.each([
  ["of a file that workerd does not read are handed to it", "other.pem", 2],
  ["of the file that workerd reads itself are not", "extra.pem", 0],
])("certificates %s", async (_case, ownFile, expected) => {
  await using folder = await makeTempFolder();
  const extra = join(folder.path, "extra.pem");
  const config = join(folder.path, "workerd.json");
  await writeFile(extra, rootCertificates[0] ?? "");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", program],
    {
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: extra,
        SSL_CERT_FILE: join(folder.path, ownFile),
        // miniflare writes there what it gives workerd.
        MINIFLARE_WORKERD_CONFIG_DEBUG: config,
      },
    },
  );
  expect(stdout.trim()).toBe(extra);
  // To the network of the Worker, and to the one that others have.
  const handed = (await readFile(config, "utf8")).match(/-----BEGIN CERTIFICATE-----/g) ?? [];
  expect(handed).toHaveLength(expected);
});

test("miniflare has the line that is changed, and nothing else of it is", async () => {
  const code = await readFile(fileURLToPath(import.meta.resolve("miniflare")), "utf8");
  const lines = code.split("\n");
  const changed = toRoomier(code).split("\n");
  expect(changed.filter((line, at) => line !== lines[at])).toEqual([
    "var MIN_SINGLE_SEGMENT_GROWTH = 1048576;",
  ]);
});
