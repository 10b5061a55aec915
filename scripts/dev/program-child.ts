/**
 * The short-lived process that runs the program, so that the SDKs do not stay in memory. Nothing of the checkout
 * is loaded before it is asked: it may wait for a while, and the files change meanwhile.
 */
import "@pulumi/cloudflare";
import { RunError } from "@pulumi/pulumi";
import type { ProgramAnswer, ProgramRequest } from "./declared-resource.ts";

process.once("message", async (request: ProgramRequest) => {
  const answer = await answerRequest(request);
  process.send?.(answer, undefined, undefined, () => process.exit());
});

// Nobody waits for the answer any more.
process.once("disconnect", () => process.exit());

async function answerRequest(request: ProgramRequest): Promise<ProgramAnswer> {
  try {
    const { runWithMocks } = await import("./run-with-mocks.ts");
    const { Bundler } = await import("./known-bundle.ts");
    const bundler = new Bundler(request.bundle);
    const parts = { bundle: (stubs: readonly string[]) => bundler.bundle(stubs) };
    const { resources, keys } = await runWithMocks(request, { parts });
    return { result: { resources, keys, ...(bundler.made && { bundle: bundler.made }) } };
  } catch (error) {
    const { formatBuildFailure } = await import("./build-failure.ts");
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
  const { bundleWorker } = await import("../../infra/bundle.ts");
  const { formatBuildFailure } = await import("./build-failure.ts");
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
