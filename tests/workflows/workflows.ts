import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { projectRoot } from "../../infra/bundle.ts";

/** Where GitHub looks for them. */
export const workflowFolder = join(projectRoot, ".github/workflows");

const permissions = z.record(z.string(), z.enum(["read", "write", "none"]));
const environment = z.record(z.string(), z.union([z.string(), z.number()]));
const concurrency = z.object({ group: z.string(), "cancel-in-progress": z.boolean() });

const step = z.strictObject({
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  run: z.string().optional(),
  env: environment.optional(),
});
const job = z.strictObject({
  if: z.string().optional(),
  needs: z.string().optional(),
  environment: z.string().optional(),
  "runs-on": z.string(),
  "timeout-minutes": z.number(),
  permissions: permissions.optional(),
  concurrency: concurrency.optional(),
  steps: z.array(step),
});
const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: permissions,
  concurrency: concurrency.optional(),
  jobs: z.record(z.string(), job),
});

/** A job, as far as this project's workflows use what GitHub takes. */
export type Job = z.infer<typeof job>;
/** A step of a job. */
export type Step = z.infer<typeof step>;

/** A workflow, parsed. */
export interface Workflow extends z.infer<typeof workflow> {
  /** Name of the file. */
  readonly file: string;
  readonly text: string;
}

/**
 * Parses a workflow. @throws ZodError for anything that the checks beside this file do not look at, as
 * a shell, a container, a service, a matrix or variables for a whole job.
 */
export function parseWorkflow(file: string, text: string): Workflow {
  return { ...workflow.parse(parse(text)), file, text };
}

/** Every workflow of the project. */
export async function readWorkflows(): Promise<Workflow[]> {
  const files = (await readdir(workflowFolder)).sort();
  return Promise.all(
    files.map(async (file) =>
      parseWorkflow(file, await readFile(join(workflowFolder, file), "utf8")),
    ),
  );
}

/** Every step of a workflow, and where it is. */
export function listSteps({ file, jobs }: Workflow) {
  return Object.entries(jobs).flatMap(([name, { steps }]) =>
    steps.map((one) => ({ step: one, job: name, at: `${file}, job ${name}` })),
  );
}
