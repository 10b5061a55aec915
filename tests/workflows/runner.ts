import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import type { Ending } from "../support/program.ts";
import { runShell } from "../support/run-cli.ts";
import type { Workflow } from "./workflows.ts";

/** What a workflow's expressions may name: `github`, `vars`, `secrets`. */
export type Contexts = Readonly<Record<"github" | "vars" | "secrets", object>>;

/** How a job ended. */
export interface JobEnding {
  readonly job: string;
  /** The commands of its steps, as they stand in the workflow. */
  readonly commands: readonly string[];
  /** How each of them ended. */
  readonly steps: readonly Ending[];
  /** What was written for the job's summary page. */
  readonly summary: string;
}

/** A machine on which jobs run. */
export interface Runner {
  /** The checkout. */
  readonly cwd: string;
  /** A folder for what the runner itself keeps. */
  readonly folder: string;
  /** What is there before any step's own variables. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Jobs that an event starts: those whose condition holds, with those they need before them. */
export function selectJobs({ jobs }: Workflow, contexts: Contexts): string[] {
  const holds = ([, { if: condition }]: (typeof entries)[number]) =>
    condition === undefined || evaluate(condition, contexts);
  const entries = Object.entries(jobs);
  const held = new Set(entries.filter(holds).map(([name]) => name));
  return entries
    .filter(([name, { needs }]) => held.has(name) && (needs === undefined || held.has(needs)))
    .map(([name]) => name);
}

/**
 * Evaluates a condition as GitHub does, as far as the workflows go: paths, texts in single quotes,
 * comparisons and their combinations. A path that leads nowhere is an empty text.
 */
function evaluate(condition: string, contexts: Contexts): boolean {
  if (!/^(?:[\s()]|&&|\|\||[=!]=|'[^']*'|\w+(?:\.\w+)+)*$/.test(condition)) {
    throw new Error(`More than this runner knows: ${condition}`);
  }
  const parts = condition.split(/('[^']*')/);
  const source = parts.map((part) =>
    part.startsWith("'")
      ? part
      : part.replaceAll(/\w+(?:\.\w+)+/g, (path) => JSON.stringify(lookUp(path, contexts))),
  );
  return Boolean(runInNewContext(source.join("")));
}

/** The value at a path, as the text that a step gets. */
function lookUp(path: string, contexts: Contexts): string {
  const read = (value: unknown, name: string) =>
    typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return String(path.split(".").reduce<unknown>(read, contexts) ?? "");
}

/**
 * Runs a job's steps as a runner at GitHub does, with only the variables they name. Actions and `npm ci`
 * are what the test's own set-up has done already. It stops at a step that fails.
 */
export async function runJob(
  { jobs }: Workflow,
  job: string,
  contexts: Contexts,
  { cwd, folder, environment }: Runner,
): Promise<JobEnding> {
  const summary = join(folder, "summary.md");
  await writeFile(summary, "");
  const commands: string[] = [];
  const steps: Ending[] = [];
  for (const { run, env = {} } of jobs[job]?.steps ?? []) {
    if (run === undefined || run === "npm ci") continue;
    const own = Object.entries(env).map(([name, value]) => [
      name,
      String(value).replace(/^\$\{\{ (\S+) \}\}$/, (_, path: string) => lookUp(path, contexts)),
    ]);
    const line = run.replace(/^npm run mcp -- /, "node scripts/mcp.ts ");
    const variables = { ...environment, ...Object.fromEntries(own), GITHUB_STEP_SUMMARY: summary };
    commands.push(run);
    const ending = await runShell(line, "", variables, cwd);
    steps.push(ending);
    if (ending.code !== 0) break;
  }
  const text = await readFile(summary, "utf8");
  await rm(summary);
  return { job, commands, steps, summary: text };
}
