import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { engineVersion, findPulumiHome } from "../support/engine.ts";

/** Version of Cloudflare's provider: that of its SDK. */
export const { version: pluginVersion } = createRequire(import.meta.url)(
  "@pulumi/cloudflare/package.json",
) as { readonly version: string };

/** Folder of the provider below a folder of plugins: by it the engine knows kind, name and version. */
export const pluginFolder = `resource-cloudflare-v${pluginVersion}`;

/** Name of the provider's program in its folder. */
export const pluginProgram = "pulumi-resource-cloudflare";

/**
 * Path of the provider that Pulumi publishes, below the person's PULUMI_HOME.
 * @throws Error with how to get it, where it is not there.
 */
export function findPublishedPlugin(): Promise<string> {
  const program = join(findPulumiHome(), "plugins", pluginFolder, pluginProgram);
  return requireProgram(program, `npx pulumi plugin install resource cloudflare ${pluginVersion}`);
}

/**
 * Path of the language host that a release of Pulumi has beside its engine.
 * @throws Error where the engine was built from source: a stand-in among what is published proves little.
 */
export async function findPublishedHost(engine: string): Promise<string> {
  const program = join(dirname(await realpath(engine)), "pulumi-language-nodejs");
  return requireProgram(
    program,
    `npx pulumi version, once nothing of ${engineVersion} is in ${dirname(dirname(engine))}: this engine was built from source`,
  );
}

async function requireProgram(program: string, how: string): Promise<string> {
  try {
    await access(program, constants.X_OK);
    return program;
  } catch {
    throw new Error(`CLOUDFLARE_PLUGIN=real, and ${program} is not there. Get it with: ${how}`);
  }
}
