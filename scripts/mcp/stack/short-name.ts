import { checkPathName } from "../../path-name.ts";

/**
 * A stack's name without its organization and project: `acme/prod` and `acme/remote-mcp-server/prod` are
 * `prod` to the program, in the name of the settings file, and so in everything named after the stack.
 */
export function toShortName(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}

/**
 * A stack's short name, where a file is called by it.
 * @throws UserError for one that would lead elsewhere.
 */
export function toFileName(stack: string): string {
  return checkPathName("--stack", toShortName(stack));
}
