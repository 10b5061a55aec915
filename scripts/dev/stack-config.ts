import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import * as z from "zod";
import { toSecretVariable } from "../../infra/secret-source.ts";
import { hasCode, UserError } from "../errors.ts";

/** A stack's configuration, as the engine would hand it to the program. */
export interface StackConfig {
  readonly project: string;
  readonly stack: string;
  /** `<project>:<key>` to value; lists and objects as JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Keys whose values are secret. */
  readonly secretKeys: readonly string[];
}

/** Where secret values for local use stand, from the root of the checkout. Git ignores it. */
export const secretsPath = ".dev/secrets.yaml";

const declaration = z.looseObject({
  default: z.unknown().optional(),
  value: z.unknown().optional(),
  secret: z.boolean().optional(),
});
const projectFile = z.looseObject({
  name: z.string(),
  config: z.record(z.string(), declaration).optional(),
});
const stackFile = z.looseObject({ config: z.record(z.string(), z.unknown()).nullish() });
const secretsFile = z.record(z.string(), z.unknown()).nullable();
const encrypted = z.strictObject({ secure: z.string() });

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` as the CLI does: the project's defaults, then the
 * stack's values. An encrypted value cannot be read without the stack's key, so its local value
 * comes from `MCP_<KEY>` or `.dev/secrets.yaml`.
 * @throws UserError for a missing stack, a file that is no YAML, or a secret without a local value.
 */
export async function readStackConfig(
  root: string,
  stack: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<StackConfig> {
  const { name: project, config: declared = {} } = projectFile.parse(
    await readYaml(root, "Pulumi.yaml"),
  );
  const stackValues = stackFile.parse(await readStackFile(root, stack)).config ?? {};
  const localSecrets = secretsFile.parse(await readYaml(root, secretsPath, null)) ?? {};

  const values: Record<string, string> = {};
  const secretKeys: string[] = [];
  const missing: string[] = [];
  const takeSecret = (key: string, fallback?: unknown) => {
    const name = key.slice(project.length + 1);
    const value = environment[toSecretVariable(name)] ?? localSecrets[name];
    secretKeys.push(key);
    if (value !== undefined && value !== "") values[key] = toText(value);
    else if (fallback === undefined) missing.push(name);
  };

  for (const [name, entry] of Object.entries(declared)) {
    const key = name.includes(":") ? name : `${project}:${name}`;
    if (key in stackValues) continue;
    const { default: fallback, value, secret } = entry;
    const given = value ?? fallback;
    if (secret === true) takeSecret(key, given);
    else if (given !== undefined) values[key] = toText(given);
  }
  for (const [key, value] of Object.entries(stackValues)) {
    if (!encrypted.safeParse(value).success) values[key] = toText(value);
    // A provider's token is for the real account, which is not asked here.
    else if (key.startsWith(`${project}:`)) takeSecret(key);
  }
  // A tool's secret need not stand in any other file to be used here.
  for (const name of Object.keys(localSecrets)) {
    const key = `${project}:${name}`;
    if (!(key in values) && !secretKeys.includes(key)) takeSecret(key);
  }
  if (missing.length > 0) throw new UserError(explainMissing(stack, missing));
  return { project, stack, values, secretKeys };
}

function explainMissing(stack: string, names: readonly string[]): string {
  return [
    `The stack "${stack}" has secrets whose values are encrypted, and none is known for local use:`,
    ...names.map(
      (name) =>
        `  - ${name}: write "${name}: <value>" into ${secretsPath}, or set ${toSecretVariable(name)}`,
    ),
  ].join("\n");
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

async function readStackFile(root: string, stack: string): Promise<unknown> {
  const file = `Pulumi.${stack}.yaml`;
  try {
    return await readYaml(root, file);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    const stacks = (await readdir(root))
      .map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1])
      .filter((name) => name !== undefined);
    throw new UserError(
      `There is no stack "${stack}": the file ${file} is missing. Stacks here: ${stacks.join(", ") || "none"}. Choose one with --stack, or write the file.`,
    );
  }
}

async function readYaml(root: string, file: string, fallback?: null): Promise<unknown> {
  try {
    return parse(await readFile(join(root, file), "utf8"));
  } catch (error) {
    if (fallback !== undefined && hasCode(error, "ENOENT")) return fallback;
    if (error instanceof YAMLParseError)
      throw new UserError(`${file} is no YAML: ${error.message}`);
    throw error;
  }
}
