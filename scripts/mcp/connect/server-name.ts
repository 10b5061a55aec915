import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { toServerName } from "../../../infra/server-name.ts";
import { readProject, readText } from "../../stack-file/project.ts";
import { isValueMap, readStackFile } from "../../stack-file/read.ts";
import { toConfigText, type Value } from "../../stack-file/value.ts";
import { toShortName } from "../stack/short-name.ts";

const checkout = resolve(import.meta.dirname, "../../..");

/** The form of a server's name in the program. A name that it would refuse does not count here either. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/**
 * Name of a stack's server in a client: its `serverName`, as the stack's outputs have it. A stack whose
 * file has none gets what Pulumi.yaml declares for all, or else the project's own name, with the stack's
 * behind it, so that two stacks have two entries.
 * @param stack undefined: the dev server.
 * @throws UserError for a settings file that cannot be read.
 */
export async function readServerName(stack = "dev"): Promise<string> {
  const folder = existsSync("Pulumi.yaml") ? process.cwd() : checkout;
  const { name: project, config } = await readProject(folder);
  const short = toShortName(stack);
  const file = `Pulumi.${short}.yaml`;
  const own = readStackFile((await readText(join(folder, file))) ?? "", file, project).get(
    `${project}:serverName`,
  );
  const name = own === undefined ? "" : toConfigText(own);
  if (namePattern.test(name)) return name;
  const base = readDefault(config, project) ?? toServerName(project).slice(0, 64);
  return short === "dev" ? base : `${base}-${toName(short)}`.slice(0, 64);
}

/** A stack's name, which may have dots, and dashes in front. */
function toName(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 64);
  return namePattern.test(plain) ? plain : plain.replace(/^[_-]+/, "") || "server";
}

/** Reads the name that Pulumi.yaml declares for all stacks, as a default or as a value. */
function readDefault(config: Value | undefined, project: string): string | undefined {
  if (!isValueMap(config)) return undefined;
  const declaration = config.get("serverName") ?? config.get(`${project}:serverName`);
  const fallback = isValueMap(declaration)
    ? (declaration.get("default") ?? declaration.get("value"))
    : declaration;
  return typeof fallback === "string" && namePattern.test(fallback) ? fallback : undefined;
}
