import { InvalidArgumentError, type Option } from "commander";
import { createIdOption } from "./grants.ts";

/** `--grant <user:grant>`: one grant, by its name. */
export function createGrantOption(description: string): Option {
  return createIdOption("--grant <user:grant>", description, (name) => {
    splitName(name);
  });
}

/** @returns user id and grant id. @throws InvalidArgumentError for what is not a grant's name. */
export function splitName(name: string): [string, string] {
  const [, userId, grantId] = /^([^:]+):([^:]+)$/.exec(name) ?? [];
  if (userId !== undefined && grantId !== undefined) return [userId, grantId];
  throw new InvalidArgumentError(
    `"${name}" is not a grant's name. It is <user id>:<grant id>, as \`grants\` prints it.`,
  );
}
