import { createHash } from "node:crypto";
import { join } from "node:path";
import { bundleWorker } from "../../infra/bundle.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { connectModern } from "../support/connect.ts";

/** Puts the Worker in place whose tool needs a token of the upstream. */
export async function withUpstreamTool(spec: WorkerSpec, folder: string): Promise<WorkerSpec> {
  const { code } = await bundleWorker({
    entryPoint: "tests/identity/worker/index.ts",
    file: join(folder, "upstream-tool.js"),
  });
  return { ...spec, modules: spec.modules.map((module) => ({ ...module, contents: code })) };
}

/** What the tool of that Worker says with an access token of this server. */
export async function callUpstreamTool(origin: string, accessToken: string, fails = false) {
  await using client = await connectModern(origin, accessToken);
  return await client.callTool({ name: "upstream", arguments: { fails } });
}

/** As the tool names a token. */
export function toDigest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
