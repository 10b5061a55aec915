import { runPulumi } from "./run-pulumi.ts";

/** A secret setting of a stack. */
export interface SecretSetting {
  readonly stack: string;
  /** With its project, as `remote-mcp-server:probeSecret`. */
  readonly key: string;
  readonly value: string;
  /** Settings file that it is written to. Default: the stack's own. */
  readonly file?: string;
}

/**
 * Encrypts a setting and writes it down.
 * @throws UserError where the CLI does not take it, with the value out of what the CLI said.
 */
export async function setSecret({ stack, key, value, file }: SecretSetting): Promise<void> {
  const args = ["config", "set", "--secret", "--stack", stack];
  if (file !== undefined) args.push("--config-file", file);
  await runPulumi([...args, key], `${key} could not be set for ${stack}`, { input: value });
}
