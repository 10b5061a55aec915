import { once } from "node:events";
import type { RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb.js";
import { startNode } from "./children.ts";
import { language } from "./proto.ts";
import { locateInSdk } from "./run-program.ts";
import { readRuntimeOptions } from "./runtime-options.ts";

/**
 * Runs a policy pack until the engine has no more use for it, and hands over what it prints: first
 * the port it listens on. The pack is not told the stack's name and configuration, which the real
 * language host gives it through a proxy.
 */
export async function runPolicyPack(
  request: RunPluginRequest,
  send: (part: RunPluginResponse) => void,
  signal: AbortSignal,
): Promise<void> {
  const info = request.getInfo();
  if (info === undefined || request.getKind() !== "analyzer") {
    throw new Error(`This language host runs policy packs only, not: ${request.getKind()}`);
  }
  const folder = info.getProgramDirectory();
  const { environment, nodeArgs } = readRuntimeOptions(info);
  const child = startNode(
    [
      ...nodeArgs,
      // The SDK sets it while it loads. What was compiled without it is of no use then, nor the other way round.
      "--allow-natives-syntax",
      locateInSdk("cmd/run-policy-pack", folder),
      ...request.getArgsList(),
      folder,
    ],
    {
      // Not the program's folder: a pack reads its own package.json from here.
      cwd: folder,
      env: { ...readVariables(request.getEnvList()), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  signal.addEventListener("abort", () => child.kill());
  child.stdout?.on("data", (bytes: Buffer) =>
    send(new language.RunPluginResponse().setStdout(bytes)),
  );
  child.stderr?.on("data", (bytes: Buffer) =>
    send(new language.RunPluginResponse().setStderr(bytes)),
  );
  const [code] = (await once(child, "close")) as [number | null];
  if (!signal.aborted) send(new language.RunPluginResponse().setExitcode(code ?? 1));
}

/** `NAME=value` lines; where a name comes twice, the last one holds. */
function readVariables(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.indexOf("=");
      return [line.slice(0, end), line.slice(end + 1)];
    }),
  );
}
