import { InvalidArgumentError, Option } from "commander";
import { takeValue } from "../options.ts";

/** What no id is: a person forgot the id, and an option follows. */
const isOption = /^--(stack|client|user|grant|yes|json|help)(=|$)/;

/**
 * An option that takes an id, as it was copied: one in 64 begins with a dash.
 * @param flags as in `--client <id>`
 * @param check throws InvalidArgumentError for what is no such id.
 */
export function createIdOption(
  flags: string,
  description: string,
  check: (id: string) => void = () => undefined,
): Option {
  return new Option(flags, description).argParser((value) => {
    if (isOption.test(value)) {
      throw new InvalidArgumentError("That is an option, and an id is missing before it.");
    }
    check(takeValue(value));
    return value;
  });
}

/** `--user <id>`: a colon in it would match keys of others. */
export function createUserOption(description: string): Option {
  return createIdOption("--user <id>", description, (id) => {
    if (!id.includes(":")) return;
    throw new InvalidArgumentError(
      `"${id}" is no user id. It is the part of a grant's name before the colon.`,
    );
  });
}
