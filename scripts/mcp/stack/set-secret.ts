import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { projectRoot } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";

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
 * Encrypts a setting and writes it down. The value goes over the standard input: a command line is read
 * by everybody on the machine.
 * @throws UserError where the CLI does not take it, with the value out of what the CLI said.
 */
export async function setSecret({ stack, key, value, file }: SecretSetting): Promise<void> {
  const args = ["config", "set", "--secret", "--non-interactive", "--stack", stack];
  if (file !== undefined) args.push("--config-file", file);
  const child = spawn("pulumi", [...args, key], {
    cwd: projectRoot,
    stdio: ["pipe", "ignore", "pipe"],
  });
  // A CLI that ends before it has read its input says why; the lost pipe says nothing more.
  child.stdin.on("error", () => {});
  child.stdin.end(value);
  const [said, [code]] = await Promise.all([
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  if (code === 0) return;
  const masked = value === "" ? said : said.replaceAll(value, "***");
  throw new UserError(`${key} could not be set for ${stack}: ${masked.trim()}`);
}
