import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Ending, Output } from "./program.ts";

/** Milliseconds a deployment is waited for: less than a test may take, or nothing would end it. */
const patience = 80_000;

/**
 * Runs a Node.js program that starts another one, as npm's `pulumi` starts the engine, to its end.
 * Where it takes too long, both are ended.
 * @param environment all of it: nothing is inherited.
 */
export async function runCli(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Ending> {
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    // Its own process group: a signal to npm's wrapper alone would leave the engine running.
    detached: true,
  });
  const stdout = new Output(child.stdout);
  const stderr = new Output(child.stderr);
  const late = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, patience);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(late);
  return { code, stdout: stdout.text, stderr: stderr.text };
}
