import { type ParseArgsConfig, parseArgs } from "node:util";
import { UserError } from "./errors.ts";

/** An option that is given or not. */
export const flag = { type: "boolean", default: false } as const;

/**
 * Reads the arguments of a script, as `parseArgs` of Node does.
 * @param help of the script, which is told with a mistake.
 * @throws UserError for an option that does not exist, or a value that is missing or too many.
 */
export function readArguments<Config extends ParseArgsConfig>(
  help: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (error instanceof TypeError) throw new UserError(`${error.message}\n\n${help}`);
    throw error;
  }
}
