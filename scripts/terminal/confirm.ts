import { UserError } from "../errors.ts";

/**
 * Asks the person at the terminal to type a stack's name.
 * @param instead the option that says it in a script.
 * @throws UserError if nobody is at the terminal, or something else was typed.
 */
export async function confirmByName(
  stack: string,
  message: string,
  instead: string,
): Promise<void> {
  const isAsked = process.stdin.isTTY && process.stderr.isTTY;
  if (!isAsked) throw new UserError(`${message} Nobody is at this terminal; give ${instead}.`);
  const { isCancel, text } = await import("@clack/prompts");
  const typed = await text({
    message: `${message} Type the stack's name, ${stack}, to continue.`,
    output: process.stderr,
  });
  if (!isCancel(typed) && typed === stack) return;
  throw new UserError("Nothing was changed: the stack's name was not typed.");
}

/** Asks for a yes. @throws UserError if nobody is at the terminal, or it is a no. */
export async function confirmYes(message: string, instead: string): Promise<void> {
  const isAsked = process.stdin.isTTY && process.stderr.isTTY;
  if (!isAsked) throw new UserError(`${message} Nobody is at this terminal; give ${instead}.`);
  const { confirm } = await import("@clack/prompts");
  if ((await confirm({ message, output: process.stderr })) === true) return;
  throw new UserError("Nothing was changed.");
}
