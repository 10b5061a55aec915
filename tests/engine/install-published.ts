/**
 * `npm run provider:install`: gets the CLI, the language host and the Cloudflare provider that Pulumi
 * publishes, for `npm run test:provider`. What is there already is kept.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { enginePath, findPulumiHome } from "../support/engine.ts";
import { findPublishedHost, findPublishedPlugin, pluginVersion } from "./published.ts";

/** What `npx pulumi` runs. */
const wrapper = join(import.meta.dirname, "../../node_modules/pulumi/run.js");

for (const args of [["version"], ["plugin", "install", "resource", "cloudflare", pluginVersion]]) {
  const { status } = spawnSync(process.execPath, [wrapper, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
try {
  const engine = enginePath(findPulumiHome());
  console.log([engine, await findPublishedHost(engine), await findPublishedPlugin()].join("\n"));
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
