import { join } from "node:path";
import { installProgram } from "../shared/install-program.ts";

/**
 * Puts a `pulumi-resource-cloudflare` into a folder. The real one is a Go program that Pulumi's download
 * site has and no package registry.
 */
export function installPlugin(folder: string): Promise<void> {
  return installProgram(folder, "pulumi-resource-cloudflare", join(import.meta.dirname, "main.ts"));
}
