import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb.js";
import { startNode } from "./children.ts";
import { language } from "./proto.ts";
import { readRuntimeOptions } from "./runtime-options.ts";

/** The SDK's exit code for an error that the person was already shown. */
const alreadyReported = 32;

/** Runs a program to its end and says how it ended. */
export async function runProgram(request: RunRequest, engineAddress: string): Promise<RunResponse> {
  const info = request.getInfo();
  if (info === undefined) throw new Error("The engine does not say which program to run.");
  const { environment, nodeArgs } = readRuntimeOptions(info);
  const folder = info.getProgramDirectory();
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info.getRootDirectory(),
    stack: request.getStack(),
    pwd: folder,
    parallel: String(request.getParallel()),
  };
  const child = startNode(
    [
      ...nodeArgs,
      locateInSdk("cmd/run", folder),
      ...Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      info.getEntryPoint(),
      ...request.getArgsList(),
    ],
    {
      env: {
        ...process.env,
        ...environment,
        PULUMI_CONFIG: JSON.stringify(readConfig(request)),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
      // The engine shows what the language host prints.
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const [code] = (await once(child, "close")) as [number | null];
  return describeEnding(code);
}

/**
 * Path of a part of the SDK that a program has installed.
 * @throws Error where it has none.
 */
export function locateInSdk(part: string, folder: string): string {
  try {
    return createRequire(join(folder, "index.js")).resolve(`@pulumi/pulumi/${part}`);
  } catch {
    throw new Error(
      `It looks like the Pulumi SDK has not been installed in ${folder}. Run: npm ci`,
    );
  }
}

/** The configuration by the names the SDK has known from the start: `<namespace>:config:<key>`. */
function readConfig(request: RunRequest): Record<string, string> {
  const entries: [string, string][] = request
    .getConfigMap()
    .getEntryList()
    .map(([key, value]) => [key.replace(":", ":config:"), value]);
  return Object.fromEntries(entries);
}

function describeEnding(code: number | null): RunResponse {
  const response = new language.RunResponse();
  if (code === 0) return response;
  if (code === alreadyReported) return response.setBail(true);
  return response.setError(
    code === null
      ? "Program exited unexpectedly"
      : `Program exited with non-zero exit code: ${code}`,
  );
}
