import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { hasCode, UserError } from "../../errors.ts";
import { isValueMap, readStackFile, readYaml } from "../../stack-file/read.ts";
import { toConfigText } from "../../stack-file/value.ts";
import { toShortName } from "../stack/short-name.ts";

const checkout = resolve(import.meta.dirname, "../../..");

/** What this project's own server is called, where nothing says otherwise. */
const productName = "math";

/**
 * Name of a stack's server in a client: its `serverName`, as the stack's outputs have it. A stack whose
 * file has none gets the project's with its own name behind, so that two stacks have two entries.
 * @param stack undefined: the dev server.
 * @throws UserError for a settings file that cannot be read.
 */
export async function readServerName(stack = "dev"): Promise<string> {
  const folder = existsSync("Pulumi.yaml") ? process.cwd() : checkout;
  const content = readYaml(await readText(folder, "Pulumi.yaml"), "Pulumi.yaml");
  const project = isValueMap(content) ? content.get("name") : undefined;
  if (!isValueMap(content) || typeof project !== "string") {
    throw new UserError(`${join(folder, "Pulumi.yaml")}: it names no project.`);
  }
  const short = toShortName(stack);
  const file = `Pulumi.${short}.yaml`;
  const own = readStackFile(await readText(folder, file), file, project).get(
    `${project}:serverName`,
  );
  const name = own === undefined ? "" : toConfigText(own);
  // What the program would refuse is no name here either; --name gives another.
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) return name;
  const base = readDefault(content.get("config")) ?? productName;
  return short === "dev" ? base : `${base}-${short.replace(/[^A-Za-z0-9_-]/g, "-")}`.slice(0, 64);
}

function readDefault(config: ReturnType<typeof readYaml> | undefined): string | undefined {
  const declaration = isValueMap(config) ? config.get("serverName") : undefined;
  const fallback = isValueMap(declaration) ? declaration.get("default") : declaration;
  return typeof fallback === "string" && fallback !== "" ? fallback : undefined;
}

/** Empty where there is no file: all may be defaults. */
async function readText(folder: string, file: string): Promise<string> {
  try {
    return await readFile(join(folder, file), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}
