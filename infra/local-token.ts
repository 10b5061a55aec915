import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./bundle.ts";
import { isLoopback } from "./loopback.ts";

/** Folder of everything that the local cloud of this checkout keeps. */
export const localCloudFolder = join(projectRoot, ".cloud");

/** Path of the token that opens the local cloud of a folder. Its owner alone can read it. */
export function toTokenFile(folder: string): string {
  return join(folder, "token");
}

/**
 * The token of this checkout's local cloud, for a stack whose file names an address of this machine: nothing
 * has to be copied from one terminal to the other. Undefined for an address elsewhere, if the local
 * cloud was never started here, and if the variables CLOUDFLARE_BASE_URL and CLOUDFLARE_API_TOKEN
 * name that address and a token for it.
 */
export function findLocalToken(baseUrl: string | undefined): string | undefined {
  const { CLOUDFLARE_BASE_URL, CLOUDFLARE_API_TOKEN } = process.env;
  if (!isLoopback(baseUrl) || (CLOUDFLARE_BASE_URL === baseUrl && CLOUDFLARE_API_TOKEN)) {
    return undefined;
  }
  try {
    return readFileSync(toTokenFile(localCloudFolder), "utf8");
  } catch {
    return undefined;
  }
}
