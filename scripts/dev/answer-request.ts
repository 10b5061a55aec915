import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RunError } from "@pulumi/pulumi";
import type { OtherServer } from "../../infra/program.ts";
import type { ProgramAnswer, ProgramRequest } from "./declared-resource.ts";

/** Runs the program for one request. Each part is loaded when it is needed: one that cannot be loaded is an answer, too. */
export async function answerRequest(request: ProgramRequest): Promise<ProgramAnswer> {
  const { productEntry } = await import("../../infra/bundle.ts");
  let entryPoint = productEntry;
  try {
    const other = await loadServer(request.program);
    entryPoint = other?.entryPoint ?? entryPoint;
    const { Bundler } = await import("./known-bundle.ts");
    const bundler = new Bundler(entryPoint, request.bundle);
    const { runWithMocks } = await import("./run-with-mocks.ts");
    const { readVersion } = await import("../../infra/version.ts");
    const { resources, keys } = await runWithMocks(request, {
      parts: {
        ...other,
        bundle: (variant) => bundler.bundle(variant),
        // No dashboard shows it here.
        source: await readVersion(),
      },
    });
    const { made, ways = [] } = bundler;
    return { result: { resources, keys, entryPoint, ways, ...(made && { bundle: made }) } };
  } catch (error) {
    const { formatBuildFailure } = await import("./build-failure.ts");
    const failure = (await formatBuildFailure(error)) ?? (await findBrokenFile(error, entryPoint));
    return {
      problem: failure ?? describeProblem(error),
      isBuildFailure: failure !== undefined,
    };
  }
}

/** @param path of the module, from the root. @throws RunError if it exports no server. */
async function loadServer(path: string | undefined): Promise<OtherServer | undefined> {
  if (path === undefined) return undefined;
  const { projectRoot } = await import("../../infra/bundle.ts");
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
  const { bundleWorker } = await import("../../infra/bundle.ts");
  const { formatBuildFailure } = await import("./build-failure.ts");
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
