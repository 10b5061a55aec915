import { toSecretVariable } from "../../../infra/secret-source.ts";
import { secretSettings, settingsSchema } from "../../../infra/settings.ts";
import { collectNeeds } from "../../../infra/tool-needs.ts";
import { tools } from "../../../worker/tools/index.ts";
import { setSecret } from "../stack/set-secret.ts";
import type { ProjectStack } from "../stack/stack.ts";

/**
 * Gives a preview the secrets that its tools and its sign-in need, from variables: `MCP_API_KEY` for
 * `apiKey`, as the dev server takes them. A fresh runner has them nowhere else.
 * @throws UserError where the CLI does not take one.
 */
export async function giveSecrets(
  { project, name: stack }: ProjectStack,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const settings = [...Object.keys(settingsSchema.shape), ...Object.keys(secretSettings)];
  const needed = collectNeeds(tools, { settings, bindings: [] }).secrets.keys();
  for (const name of new Set([...Object.keys(secretSettings), ...needed])) {
    const value = environment[toSecretVariable(name)];
    if (value === undefined || value === "") continue;
    await setSecret({ stack, key: `${project}:${name}`, value });
  }
}
