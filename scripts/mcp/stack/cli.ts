import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { projectRoot } from "../../../infra/bundle.ts";
import { hasCode, UserError } from "../../errors.ts";

// Nothing in this file loads Pulumi's SDK: what only asks the CLI starts without it.

/** How a call differs from one in this checkout without input. */
export interface PulumiCall {
  /** Folder of the project. Default: this checkout. */
  readonly cwd?: string;
  /** The standard input: a secret comes by it, because everybody on the machine reads command lines. */
  readonly input?: string;
}

/**
 * Runs the Pulumi CLI for what the Automation API does not do, or does in another way than is needed here.
 * @param complaint begins what is told if the CLI refuses.
 * @returns what it printed.
 * @throws CliError with what the CLI said, the input taken out of it; or with how to get a CLI.
 */
export async function runPulumi(
  args: readonly string[],
  complaint: string,
  { cwd = projectRoot, input = "" }: PulumiCall = {},
): Promise<string> {
  try {
    await providePulumi();
    const program = [...args, "--non-interactive"];
    return await printedBy("pulumi", program, { cwd, env: process.env, input });
  } catch (error) {
    if (error instanceof CliError) throw new CliError(complaint, error.said);
    throw error;
  }
}

interface ProgramCall extends Required<PulumiCall> {
  readonly env: NodeJS.ProcessEnv;
}

/** @returns what a program printed. @throws CliError if it fails, or cannot be started. */
async function printedBy(
  program: string,
  args: readonly string[],
  { cwd, env, input }: ProgramCall,
): Promise<string> {
  const child = spawn(program, args, {
    cwd,
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // It would go on alone, and write what this process has just put away.
  const end = () => child.kill();
  process.prependOnceListener("exit", end);
  // A CLI that ends before it has read its input says why; the lost pipe says nothing more.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  try {
    const [printed, said, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    if (code === 0) return printed;
    const masked = input === "" ? said : said.replaceAll(input, "***");
    throw new CliError(notRun, masked.trim() || `pulumi ended with ${signal ?? code}.`);
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "EACCES"))
      throw new CliError(notRun, String(error));
    throw error;
  } finally {
    process.removeListener("exit", end);
  }
}

/** The complaint if nobody has one of his own. */
const notRun = "Pulumi could not be run";

/** The CLI did not do what it was asked. */
export class CliError extends UserError {
  readonly #said: string;

  constructor(complaint: string, said: string) {
    super(explainCli(complaint, said));
    this.#said = said;
  }

  /** What the CLI, or whoever was to start it, wrote on its standard error. */
  get said(): string {
    return this.#said;
  }
}

/** Under way: two at once would fetch a CLI twice. */
let providing: Promise<void> | undefined;

/**
 * The one door to the Pulumi CLI: whatever starts it comes by here first. Puts it first on this process's
 * PATH, where the Automation API looks for it: the one that is installed, else the one that npm's package fetches now.
 * @throws CliError if it cannot be fetched. The next call tries again.
 */
export function providePulumi(): Promise<void> {
  providing ??= provide().finally(() => {
    providing = undefined;
  });
  return providing;
}

async function provide(): Promise<void> {
  const path = (await findPulumi(projectRoot)) ?? (await fetchPulumi(projectRoot));
  const folders = (process.env.PATH ?? "").split(delimiter);
  // By each call: the one before has put it there.
  if (folders[0] !== dirname(path)) process.env.PATH = [dirname(path), ...folders].join(delimiter);
}

/**
 * Lets npm's package `pulumi` fetch its CLI, which it does at the first call. Its module is run with Node, as Windows
 * starts the command `pulumi.cmd` by a shell only.
 * @returns the CLI's path.
 */
async function fetchPulumi(checkout: string): Promise<string> {
  const { path, version } = await locateFetched(checkout);
  const module = join(checkout, "node_modules/pulumi/run.js");
  if (!existsSync(module)) {
    throw new CliError(notRun, "pulumi: the package is not installed, which `npm ci` does");
  }
  const env = { ...process.env, PULUMI_VERSION: version };
  await printedBy(process.execPath, [module, "version"], { cwd: checkout, env, input: "" });
  return path;
}

const packageFile = z.object({ devDependencies: z.object({ pulumi: z.string() }) });

export function findPulumiHome(): string {
  return process.env.PULUMI_HOME || join(homedir(), ".pulumi");
}

/**
 * Path of a Pulumi CLI that is installed: the one that npm's package `pulumi` has fetched for a
 * checkout, else one on PATH. The package's own command does not count: it would fetch a CLI now.
 */
export async function findPulumi(checkout: string): Promise<string | undefined> {
  const fetched = await findFetched(checkout);
  if (fetched !== undefined) return fetched.path;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = folders
    .filter((folder) => folder !== "" && !folder.includes("node_modules"))
    .map((folder) => join(folder, program));
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

const program = process.platform === "win32" ? "pulumi.exe" : "pulumi";

/** The Pulumi CLI that npm's package `pulumi` has fetched for a checkout: its folder is called after its version. */
export async function findFetched(
  checkout: string,
): Promise<{ readonly path: string; readonly version: string } | undefined> {
  const fetched = await locateFetched(checkout);
  return (await isExecutable(fetched.path)) ? fetched : undefined;
}

/** Where the package puts it, or will. */
async function locateFetched(checkout: string) {
  const text = await readFile(join(checkout, "package.json"), "utf8");
  const { pulumi: version } = packageFile.parse(JSON.parse(text)).devDependencies;
  return { path: join(findPulumiHome(), "versions", version, "bin", program), version };
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The words of npm's package if it cannot fetch the CLI, and of the system if it cannot start the one that it found. */
const noCli = /^pulumi: |\bspawn .*pulumi(\.exe)? (ENOENT|EACCES)/m;

/** The CLI's words when it cannot decrypt a stack's secrets with the passphrase it has. */
const noPassphrase = /passphrase must be set/;
const wrongPassphrase = /incorrect passphrase/;

/**
 * What a person is told if the CLI refuses: the complaint, and in words of this project what to do
 * about the refusals that come from this machine and not from the stack.
 * @param said what the CLI, or whoever was to start it, wrote on its standard error.
 */
export function explainCli(complaint: string, said: string): string {
  const reason = findReason(said);
  return reason === undefined ? `${complaint}:\n${said}` : `${complaint}: ${reason}`;
}

/**
 * The same where a stack could not be read.
 * @param stack its name; empty for the whole backend.
 */
export function explainReading(stack: string, said: string): string {
  // Without a CLI, it is not for this stack.
  const what = stack === "" || noCli.test(said) ? "the backend" : `the stack "${stack}"`;
  return explainCli(`Pulumi cannot read ${what}`, said.replace(/^Error: (?=spawn )/, ""));
}

function findReason(said: string): string | undefined {
  if (noCli.test(said)) {
    const [why = ""] = said.split("\n").filter((line) => noCli.test(line));
    return `there is no Pulumi CLI on this machine, and npm's package \`pulumi\` could not fetch it (${why.trim()}). With a way to the Internet, \`npx pulumi version\` fetches it; or install it yourself: https://www.pulumi.com/docs/install/`;
  }
  if (noPassphrase.test(said)) {
    return "its secrets are encrypted with a passphrase, and none is given. Set the variable PULUMI_CONFIG_PASSPHRASE to the one that the stack was made with, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it.";
  }
  if (wrongPassphrase.test(said)) {
    return "its secrets are encrypted with another passphrase than the one in PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE). Set it to the one that the stack was made with; a passphrase that is lost cannot be found again, but `npx pulumi stack change-secrets-provider` gives the stack another one where somebody still has it.";
  }
  return undefined;
}

/** The backend has no stack of this name. */
export class NoSuchStack extends UserError {
  constructor(stack: string) {
    super(
      `--stack: there is no stack "${stack}" in this Pulumi backend. \`npx pulumi stack ls\` lists those there are; \`npx pulumi whoami -v\` says which backend it is.`,
    );
  }
}
