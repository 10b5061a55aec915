import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { stackType } from "../../../infra/resource-types.ts";
import type { SignIn } from "../doctor/examination.ts";
import type { StackOutputs } from "../stack/outputs.ts";
import { Properties } from "../stack/properties.ts";
import { toSettling, versionSettling, waitSeconds } from "../stack/settling.ts";
import type { ProjectStack } from "../stack/stack.ts";
import type { StateResource } from "../stack/state.ts";

/** The outputs of a deployed preview, without its secret ones. */
const deployment = z.object({
  url: z.string(),
  mcpUrl: z.string(),
  sseUrl: z.string(),
  scriptName: z.string(),
  kvNamespaceId: z.string(),
  bundle: z.object({ bytes: z.number(), gzipBytes: z.number(), sha256: z.string() }),
  /** A stack that was deployed before this output was one has none. */
  tools: z.array(z.string()).optional(),
  claudeDesktopConfig: z.record(z.string(), z.unknown()),
});

export type DeployedPreview = z.infer<typeof deployment>;

/** Reads what an `up` has left. @throws ZodError for outputs that are not this program's. */
export function readDeployment(outputs: StackOutputs): DeployedPreview {
  return deployment.parse(outputs);
}

/** The same from a stack's state; undefined before the first `up` that ended well. */
export function findDeployment(resources: readonly StateResource[]): DeployedPreview | undefined {
  const stack = resources.find(({ type }) => type === stackType);
  const outputs = new Properties(stack?.outputs);
  const values = Object.entries<z.ZodType>(deployment.shape).map(([name, schema]) => [
    name,
    outputs.find(name, schema),
  ]);
  return deployment.safeParse(Object.fromEntries(values)).data;
}

/** Milliseconds in which a new address at workers.dev has spread everywhere. */
const patience = 60_000;

/**
 * Waits until a server that was just deployed answers at its address: a new one at workers.dev has no
 * name yet, or answers 404, for some seconds. Continues after a minute: doctor then says what is wrong.
 * @param replaces whether it takes the place of a version that answered there, which Cloudflare may let
 * answer for some seconds more: doctor would look at that one.
 */
export async function waitForServer(
  url: string,
  signal: AbortSignal,
  replaces: boolean,
  limit = patience,
): Promise<void> {
  const late = Date.now() + limit;
  while (!signal.aborted && Date.now() < late && !(await answers(url))) await sleep(500);
  if (replaces) await waitSeconds(toSettling(url, versionSettling), signal);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(5000) });
    await response.body?.cancel();
    return response.status < 400;
  } catch {
    return false;
  }
}

/** How doctor signs in at a preview: at the demo, with the preview's own password. */
export async function choosePreviewSignIn(
  stack: ProjectStack,
  outputs: StackOutputs,
): Promise<SignIn> {
  const generated = outputs.demoPassword;
  if (typeof generated === "string") return { kind: "demo", password: generated };
  const values = await stack.config();
  const read = (name: string) => values[`${stack.project}:${name}`]?.value;
  const method = read("identityMethod");
  const password = read("demoPassword");
  if (method === "demo" && password) return { kind: "demo", password };
  const secret = read("probeSecret");
  if (secret) return { kind: "probe", secret };
  return {
    kind: "none",
    why: `The preview signs people in with "${method ?? "?"}", and has no probeSecret for doctor.`,
  };
}
