/** The short-lived process that runs the program, so that the SDKs do not stay in memory. */
import { RunError } from "@pulumi/pulumi";
import { formatBuildFailure } from "./build-failure.ts";
import type { ProgramAnswer, ProgramRequest } from "./declared-resource.ts";
import { runWithMocks } from "./run-with-mocks.ts";

process.once("message", async (request: ProgramRequest) => {
  const answer = await answerRequest(request);
  process.send?.(answer, undefined, undefined, () => process.exit());
});

// Nobody waits for the answer any more.
process.once("disconnect", () => process.exit());

async function answerRequest(request: ProgramRequest): Promise<ProgramAnswer> {
  try {
    const { resources, keys } = await runWithMocks(request);
    return { result: { resources, keys } };
  } catch (error) {
    return { problem: await describeProblem(error) };
  }
}

async function describeProblem(error: unknown): Promise<string> {
  // A message of ours for the person, or a bug, whose trace is wanted.
  if (error instanceof RunError) return error.message;
  return (
    (await formatBuildFailure(error)) ??
    (error instanceof Error ? (error.stack ?? error.message) : String(error))
  );
}
