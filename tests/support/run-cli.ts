import { spawn } from "node:child_process";
import { once } from "node:events";
import { storyTime } from "./patience.ts";
import { type Ending, Output } from "./program.ts";

/**
 * Runs a Node.js program that starts another one, as npm's `pulumi` starts the engine, to its end.
 * Where it takes too long, both are ended.
 * @param environment all of it: nothing is inherited.
 */
export function runCli(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Ending> {
  return runProgram(process.execPath, [file, ...args], environment, cwd);
}

/** The same for any program. */
export function runProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Ending> {
  return runToEnd(program, args, "", environment, cwd);
}

/** The same for a line of a shell. @param input what is typed where it asks for something. */
export function runShell(
  line: string,
  input: string,
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Ending> {
  return runToEnd("sh", ["-c", line], input, environment, cwd);
}

async function runToEnd(
  program: string,
  args: readonly string[],
  input: string,
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Ending> {
  const child = spawn(program, args, {
    cwd,
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
    // Its own process group: a signal to npm's wrapper alone would leave the engine running.
    detached: true,
  });
  // It may end without reading what was typed.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const stdout = new Output(child.stdout);
  const stderr = new Output(child.stderr);
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, storyTime);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(late);
  const note = isLate ? `\n(ended by its test after ${storyTime / 1000} s)\n` : "";
  return { code, stdout: stdout.text, stderr: stderr.text + note };
}
