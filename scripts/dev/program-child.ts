/** The short-lived process that runs the program, so that the SDKs do not stay in memory. */
import { RunError } from "@pulumi/pulumi";
import { bundleWorker } from "../../infra/bundle.ts";
import { formatBuildFailure } from "./build-failure.ts";
import type { ProgramAnswer, ProgramRequest } from "./declared-resource.ts";

process.once("message", async (request: ProgramRequest) => {
  const answer = await answerRequest(request);
  process.send?.(answer, undefined, undefined, () => process.exit());
});

// Nobody waits for the answer any more.
process.once("disconnect", () => process.exit());

async function answerRequest(request: ProgramRequest): Promise<ProgramAnswer> {
  try {
    // Not at the top: the program imports the tools, and a person may be in the middle of one.
    const { runWithMocks } = await import("./run-with-mocks.ts");
    const { resources, keys } = await runWithMocks(request);
    return { result: { resources, keys } };
  } catch (error) {
    const failure = (await formatBuildFailure(error)) ?? (await findBrokenFile(error));
    return {
      problem: failure ?? describeProblem(error),
      isBuildFailure: failure !== undefined,
    };
  }
}

/** Node says of a file that it cannot load only where it stopped; the bundler shows the place. */
async function findBrokenFile(error: unknown): Promise<string | undefined> {
  if (RunError.isInstance(error)) return undefined;
  try {
    await bundleWorker();
    return undefined;
  } catch (failure) {
    return formatBuildFailure(failure);
  }
}

function describeProblem(error: unknown): string {
  // A message of ours for the person, or a bug, whose trace is wanted.
  if (RunError.isInstance(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
