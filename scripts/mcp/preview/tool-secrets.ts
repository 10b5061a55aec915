import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { projectRoot } from "../../../infra/bundle.ts";
import { secretSettings, settingsSchema } from "../../../infra/settings.ts";
import { collectNeeds } from "../../../infra/tool-needs.ts";
import { tools } from "../../../worker/tools/index.ts";
import { toBindingName } from "../../../worker/tools/needs.ts";
import { UserError } from "../../errors.ts";
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
    const value = environment[`MCP_${toBindingName(name)}`];
    if (value !== undefined && value !== "") await setSecret(stack, `${project}:${name}`, value);
  }
}

/** Over the standard input: a command line is read by everybody on the machine. */
async function setSecret(stack: string, key: string, value: string): Promise<void> {
  const args = ["config", "set", "--secret", "--non-interactive", "-s", stack, key];
  const child = spawn("pulumi", args, { cwd: projectRoot, stdio: ["pipe", "ignore", "pipe"] });
  child.stdin.on("error", () => {});
  child.stdin.end(value);
  const [said, [code]] = await Promise.all([
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  if (code === 0) return;
  throw new UserError(`${key} could not be set for ${stack}: ${said.replaceAll(value, "***")}`);
}
