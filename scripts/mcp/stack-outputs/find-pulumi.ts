import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import * as z from "zod";

const packageFile = z.object({ devDependencies: z.object({ pulumi: z.string() }) });

/** Folder of Pulumi's own files. */
export function findPulumiHome(): string {
  return process.env.PULUMI_HOME || join(homedir(), ".pulumi");
}

/**
 * Path of a Pulumi CLI that is installed: the one that npm's package `pulumi` has fetched for a
 * checkout, else one on PATH. The package's own wrapper does not count: it would fetch a CLI now.
 */
export async function findPulumi(checkout: string): Promise<string | undefined> {
  const program = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  const text = await readFile(join(checkout, "package.json"), "utf8");
  const { pulumi: version } = packageFile.parse(JSON.parse(text)).devDependencies;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = [
    join(findPulumiHome(), "versions", version, "bin"),
    ...folders.filter((folder) => folder !== "" && !folder.includes("node_modules")),
  ].map((folder) => join(folder, program));
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
