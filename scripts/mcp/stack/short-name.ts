import { checkPathName } from "../../path-name.ts";

/**
 * A stack's name without its organization and project: `acme/prod` and `acme/remote-mcp-server/prod` are
 * `prod` to the program, in the name of the settings file, and so in everything named after the stack.
 */
export function toShortName(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}

/**
 * A stack's short name, for the name of a file.
 * @throws UserError for one that would lead elsewhere.
 */
export function toFileName(stack: string): string {
  return checkPathName("--stack", toShortName(stack));
}

/**
 * Names of a list without a stack that is there. A list leaves the person's own organization away, and
 * the name that was given may not.
 */
export function withoutStack(names: readonly string[], stack: string): string[] {
  const isListed = names.includes(stack);
  return names.filter((name) => (isListed ? name !== stack : !mayBeSame(name, stack)));
}

function mayBeSame(one: string, other: string): boolean {
  const [first, second] = [one, other].map((name) =>
    name.includes("/") ? name.slice(0, name.indexOf("/")) : undefined,
  );
  const isOneWithout = first === undefined || second === undefined;
  return toShortName(one) === toShortName(other) && (isOneWithout || first === second);
}
