import { delimiter, dirname, join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";
import { findPulumi } from "../stack-outputs/find-pulumi.ts";

/** Done once: every call would put the same folder before PATH again. */
let provided: Promise<void> | undefined;

/**
 * The one door to the Pulumi CLI: whatever starts it comes by here first. Puts it first on this process's
 * PATH, where the Automation API looks for it: the one that is installed, which takes signals itself; else
 * npm's wrapper, which fetches it at the first call.
 */
export function providePulumi(): Promise<void> {
  provided ??= provide();
  return provided;
}

async function provide(): Promise<void> {
  const installed = await findPulumi(projectRoot);
  const folder =
    installed === undefined ? join(projectRoot, "node_modules/.bin") : dirname(installed);
  process.env.PATH = [folder, process.env.PATH ?? ""].join(delimiter);
}
