/** The short-lived process that runs the program, so that the SDKs do not stay in memory. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RunError } from "@pulumi/pulumi";
import { bundleWorker, productEntry, projectRoot } from "../../infra/bundle.ts";
import type { OtherServer } from "../../infra/program.ts";
import { formatBuildFailure } from "./build-failure.ts";
import type { ProgramAnswer, ProgramRequest } from "./declared-resource.ts";

process.once("message", async (request: ProgramRequest) => {
  const answer = await answerRequest(request);
  process.send?.(answer, undefined, undefined, () => process.exit());
});

// Nobody waits for the answer any more.
process.once("disconnect", () => process.exit());

async function answerRequest(request: ProgramRequest): Promise<ProgramAnswer> {
  let entryPoint = productEntry;
  try {
    const other = await loadServer(request.program);
    entryPoint = other?.entryPoint ?? entryPoint;
    // Not at the top: the program imports the tools, and a person may be in the middle of one.
    const { runWithMocks } = await import("./run-with-mocks.ts");
    const { resources, keys } = await runWithMocks(request, { ...(other && { parts: other }) });
    return { result: { resources, keys, entryPoint } };
  } catch (error) {
    const failure = (await formatBuildFailure(error)) ?? (await findBrokenFile(error, entryPoint));
    return {
      problem: failure ?? describeProblem(error),
      isBuildFailure: failure !== undefined,
    };
  }
}

/** @param path of the module, from the root. @throws RunError where it exports no server. */
async function loadServer(path: string | undefined): Promise<OtherServer | undefined> {
  if (path === undefined) return undefined;
  const module = (await import(pathToFileURL(join(projectRoot, path)).href)) as {
    readonly server?: OtherServer;
  };
  if (module.server !== undefined) return module.server;
  throw new RunError(
    `--program: ${path} exports no \`server\`. Export one with its features and its entryPoint, as tests/fixture/infra.ts does.`,
  );
}

/** Node says of a file that it cannot load only where it stopped; the bundler shows the place. */
async function findBrokenFile(error: unknown, entryPoint: string): Promise<string | undefined> {
  if (RunError.isInstance(error)) return undefined;
  try {
    await bundleWorker({ entryPoint });
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
