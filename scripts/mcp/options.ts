import { readdirSync } from "node:fs";
import { InvalidArgumentError, Option } from "commander";

/** `--stack <name>`, wherever a command takes a stack. */
export function createStackOption(description = "stack to work on: Pulumi.<name>.yaml"): Option {
  return new Option("--stack <name>", description).argParser(takeValue);
}

/** A value that is given. An empty one is a shell variable that is not set: it must not mean "all". */
export function takeValue(value: string): string {
  if (value === "") throw new InvalidArgumentError("The value is empty. Give one.");
  return value;
}

/** What every preview's settings are made from, which is no stack's: `Pulumi.preview.yaml`. */
const template = "preview";

/** Stacks that have settings in a folder, by name. */
export function listStackNames(folder = process.cwd()): string[] {
  try {
    return readdirSync(folder).flatMap((file) => {
      const [, name] = /^Pulumi\.(.+)\.yaml$/.exec(file) ?? [];
      return name === undefined || name === template ? [] : [name];
    });
  } catch {
    // A completion without an answer is better than an error in the middle of a line.
    return [];
  }
}
