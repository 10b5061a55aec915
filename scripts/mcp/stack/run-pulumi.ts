import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { projectRoot } from "../../../infra/bundle.ts";
import { hasCode, UserError } from "../../errors.ts";
import { explainCli } from "./explain-cli.ts";
import { providePulumi } from "./provide-pulumi.ts";

/** How a call differs from one in this checkout without input. */
export interface PulumiCall {
  /** Folder of the project. Default: this checkout. */
  readonly cwd?: string;
  /** The standard input: a secret comes by it, because everybody on the machine reads command lines. */
  readonly input?: string;
}

/**
 * Runs the Pulumi CLI for what the Automation API does not do, or does otherwise than is wanted here.
 * @param complaint begins what is told where the CLI refuses.
 * @returns what it printed.
 * @throws UserError with what the CLI said, the input taken out of it; or with how to get a CLI.
 */
export async function runPulumi(
  args: readonly string[],
  complaint: string,
  { cwd = projectRoot, input = "" }: PulumiCall = {},
): Promise<string> {
  await providePulumi();
  const child = spawn("pulumi", [...args, "--non-interactive"], {
    cwd,
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A CLI that ends before it has read its input says why; the lost pipe says nothing more.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  try {
    const [printed, said, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null]>,
    ]);
    if (code === 0) return printed;
    const masked = input === "" ? said : said.replaceAll(input, "***");
    throw new UserError(explainCli(complaint, masked.trim()));
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new UserError(explainCli(complaint, String(error)));
    throw error;
  }
}
