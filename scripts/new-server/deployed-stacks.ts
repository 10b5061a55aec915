import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { hasCode, tellError } from "../errors.ts";
import { findPulumi, runPulumi } from "../mcp/stack/cli.ts";
import { findStateFolder } from "../mcp/stack/outputs.ts";

/** Stacks of a project that hold something, as far as this machine can tell. */
export interface DeployedStacks {
  readonly names: readonly string[];
  /** Why it could not be looked; undefined: it was. */
  readonly notChecked?: string;
}

const stateFile = z.object({
  checkpoint: z.object({
    latest: z.object({ resources: z.array(z.unknown()).optional() }).nullish(),
  }),
});

const listed = z.array(z.object({ name: z.string(), resourceCount: z.number().optional() }));

/**
 * Looks which stacks of the checkout's project are deployed: in the state files of a file backend, or by
 * the Pulumi CLI when there is one. Nothing is fetched or changed for it.
 * @param root top of the checkout.
 * @param project name of the project.
 */
export async function findDeployedStacks(root: string, project: string): Promise<DeployedStacks> {
  const folder = await findStateFolder(root);
  if (folder !== undefined) return { names: await readStateFiles(folder, project) };
  if ((await findPulumi(root)) === undefined) {
    return { names: [], notChecked: "there is no Pulumi CLI on this machine yet" };
  }
  try {
    const printed = await runPulumi(["stack", "ls", "--json"], "Pulumi cannot list the stacks", {
      cwd: root,
    });
    const stacks = listed.parse(JSON.parse(printed));
    return { names: stacks.flatMap((one) => ((one.resourceCount ?? 0) > 0 ? one.name : [])) };
  } catch (error) {
    return { names: [], notChecked: tellError(error) };
  }
}

async function readStateFiles(folder: string, project: string): Promise<string[]> {
  const stacks = join(folder, ".pulumi/stacks", project);
  let files: string[];
  try {
    files = await readdir(stacks);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
  const names: string[] = [];
  for (const file of files.filter((name) => name.endsWith(".json")).toSorted()) {
    const { checkpoint } = stateFile.parse(JSON.parse(await readFile(join(stacks, file), "utf8")));
    if ((checkpoint.latest?.resources ?? []).length > 0) names.push(file.replace(/\.json$/, ""));
  }
  return names;
}
