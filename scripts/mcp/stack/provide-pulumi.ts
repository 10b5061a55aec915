import { delimiter, dirname, join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";
import { findPulumi } from "../stack-outputs/find-pulumi.ts";

/**
 * Puts the Pulumi CLI first on this process's PATH, where the Automation API looks for it: the one that
 * is installed, which takes signals itself; else npm's wrapper, which fetches it at the first call.
 */
export async function providePulumi(): Promise<void> {
  const installed = await findPulumi(projectRoot);
  const folder =
    installed === undefined ? join(projectRoot, "node_modules/.bin") : dirname(installed);
  process.env.PATH = [folder, process.env.PATH ?? ""].join(delimiter);
}
