import { join } from "node:path";
import { installProgram } from "../shared/install-program.ts";

/**
 * Puts a `pulumi-language-nodejs` into a folder. A release of Pulumi has the real one beside the engine;
 * an engine built from source has none.
 */
export function installLanguageHost(folder: string): Promise<void> {
  return installProgram(folder, "pulumi-language-nodejs", join(import.meta.dirname, "main.ts"));
}
