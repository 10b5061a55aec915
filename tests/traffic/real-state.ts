import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { StateResource } from "../../scripts/mcp/stack/state.ts";

/** Where the recorded states, previews and event logs of the real provider are. */
const folder = join(import.meta.dirname, "real-state");

/** The resources of a recorded state. */
export async function readRealState(
  name: "state.json" | "state-with-secrets-shown.json",
): Promise<readonly StateResource[]> {
  const state = JSON.parse(await readFile(join(folder, name), "utf8")) as {
    readonly deployment: { readonly resources: readonly StateResource[] };
  };
  return state.deployment.resources;
}

/** The events of a recorded run. */
export async function readRealEvents(
  name: `events-of-${"a-code-change" | "a-refresh" | "the-first-up"}.jsonl`,
): Promise<readonly EngineEvent[]> {
  const lines = (await readFile(join(folder, name), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as EngineEvent);
}
