import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { toSecretVariable } from "../../infra/secret-source.ts";
import { UserError } from "../errors.ts";
import { checkPathName } from "../path-name.ts";
import { readProject, readText } from "../stack-file/project.ts";
import { isValueMap, readSecretsFile, readStackFile, toKey } from "../stack-file/read.ts";
import { findEncrypted, layOver, toConfigText, type Value } from "../stack-file/value.ts";

/** A stack's configuration, as the engine would hand it to the program. */
export interface StackConfig {
  readonly project: string;
  readonly stack: string;
  /** `<project>:<key>` to value; lists and objects as JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Keys whose values are secret. */
  readonly secretKeys: readonly string[];
}

/** File of secret values for local use, from the root of the checkout. Git ignores it. */
export const secretsPath = ".dev/secrets.yaml";

/** The declaration of one setting in `Pulumi.yaml`. */
interface Declaration {
  /** Undefined: it has none. */
  readonly fallback: Value | undefined;
  readonly isSecret: boolean;
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` as the CLI does: the project's defaults, then the
 * stack's values. An encrypted value, alone or within a list or an object, cannot be read without the
 * stack's key, so its local value comes from `MCP_<KEY>` or `.dev/secrets.yaml`.
 * @throws UserError for a missing stack, a file that is not YAML or no settings file, or a secret without
 *   a local value.
 */
export async function readStackConfig(
  root: string,
  stack: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<StackConfig> {
  const { project, declared } = await readProjectFile(root);
  const file = `Pulumi.${checkPathName("--stack", stack)}.yaml`;
  const stackValues = readStackFile(await readStackText(root, stack), file, project);
  const localSecrets = readSecretsFile(
    (await readText(join(root, secretsPath))) ?? "",
    secretsPath,
  );

  const values: Record<string, string> = {};
  const secretKeys: string[] = [];
  const missing: string[] = [];
  const takeSecret = (key: string, given?: Value) => {
    const name = key.slice(project.length + 1);
    const variable = environment[toSecretVariable(name)];
    const local = variable !== undefined && variable !== "" ? variable : localSecrets.get(name);
    secretKeys.push(key);
    const isGiven = local !== undefined && local !== "" && local !== null;
    const value = !isGiven ? given : given === undefined ? local : layOver(given, local);
    if (value === undefined) missing.push(name);
    else if (findEncrypted(value).length === 0) values[key] = toConfigText(value);
    else missing.push(...findEncrypted(value).map((path) => [name, ...path].join(".")));
  };

  for (const [key, { fallback, isSecret }] of declared) {
    if (stackValues.has(key)) continue;
    if (isSecret) takeSecret(key, fallback);
    else if (fallback !== undefined) values[key] = toConfigText(fallback);
  }
  for (const [key, value] of stackValues) {
    if (findEncrypted(value).length === 0) values[key] = toConfigText(value);
    // A provider's token is for the real account, which is not asked here.
    else if (key.startsWith(`${project}:`)) takeSecret(key, value);
  }
  // A tool's secret need not be in any other file to be used here.
  for (const name of localSecrets.keys()) {
    const key = `${project}:${name}`;
    if (!(key in values) && !secretKeys.includes(key)) takeSecret(key);
  }
  if (missing.length > 0) throw new UserError(explainMissing(stack, missing));
  return { project, stack, values, secretKeys };
}

function explainMissing(stack: string, paths: readonly string[]): string {
  return [
    `The stack "${stack}" has secrets whose values are encrypted, and none is known for local use:`,
    ...paths.map((path) => `  - ${path}: ${adviseOn(path.split("."))}`),
  ].join("\n");
}

function adviseOn([name = "", ...inside]: readonly string[]): string {
  if (inside.length > 0) {
    return `write "${name}" into ${secretsPath} with the values that are encrypted (a list as a whole), or set ${toSecretVariable(name)} to all of it as JSON`;
  }
  return `write "${name}: <value>" into ${secretsPath}, or set ${toSecretVariable(name)}`;
}

async function readProjectFile(
  root: string,
): Promise<{ readonly project: string; readonly declared: ReadonlyMap<string, Declaration> }> {
  const { name: project, config } = await readProject(root);
  const declared = [...(isValueMap(config) ? config : [])].map(
    ([written, declaration]): [string, Declaration] => {
      const key = toKey(written, project);
      if (key === undefined)
        throw new UserError(`Pulumi.yaml: "${written}" is not the key of a setting.`);
      return [key, readDeclaration(declaration)];
    },
  );
  return { project, declared: new Map(declared) };
}

/** A value alone is a short form: a default, or the value of another package's setting. */
function readDeclaration(declaration: Value): Declaration {
  if (!isValueMap(declaration)) return { fallback: declaration ?? undefined, isSecret: false };
  const fallback = declaration.get("default") ?? declaration.get("value") ?? undefined;
  return { fallback, isSecret: declaration.get("secret") === true };
}

async function readStackText(root: string, stack: string): Promise<string> {
  const file = `Pulumi.${checkPathName("--stack", stack)}.yaml`;
  const text = await readText(join(root, file));
  if (text !== undefined) return text;
  const stacks = (await readdir(root))
    .map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1])
    .filter((name) => name !== undefined);
  throw new UserError(
    `There is no stack "${stack}": the file ${file} is missing. Stacks here: ${stacks.join(", ") || "none"}. Choose one with --stack, or write the file.`,
  );
}
