import { readdirSync } from "node:fs";
import { InvalidArgumentError, Option } from "commander";
import { findNameFault } from "../path-name.ts";

/** `--stack <name>`, wherever a command takes a stack. */
export function createStackOption(description = "stack to work on: Pulumi.<name>.yaml"): Option {
  return new Option("--stack <name>", description).argParser(takeStackName);
}

/** `stack`, `organization/stack` or `organization/project/stack`, as the CLI takes it: files are called by it. */
function takeStackName(value: string): string {
  const parts = takeValue(value).split("/");
  const fault = parts.map(findNameFault).find((found) => found !== undefined);
  if (fault !== undefined) throw new InvalidArgumentError(fault);
  if (parts.length > 3) {
    throw new InvalidArgumentError("Give stack, organization/stack or organization/project/stack.");
  }
  return value;
}

/** An option that takes one value, which is not empty. */
export function createValueOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(takeValue);
}

/** An option that may be given several times, or take several values. @param none how the help calls its default. */
export function createListOption(flags: string, description: string, none: string): Option {
  return new Option(flags, description)
    .argParser((value: string, before: readonly string[]) => [...before, takeValue(value)])
    .default([], none);
}

/** A value that is given. An empty one is a shell variable that is not set: it must not mean "all". */
export function takeValue(value: string): string {
  if (value === "") throw new InvalidArgumentError("The value is empty. Give one.");
  return value;
}

/** `Pulumi.preview.yaml` is the template of every preview's settings, and not a stack's file. */
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
