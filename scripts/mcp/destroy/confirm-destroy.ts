import { UserError } from "../../errors.ts";

/** What was said on the command line. */
export interface Consent {
  readonly yes?: true | undefined;
  /** The stack's name, typed out. */
  readonly confirm?: string | undefined;
}

/**
 * Asks whether a destroy is meant. A protected stack wants its name, in a script with `--confirm`.
 * @throws UserError where it is not, or nobody is at the terminal.
 */
export async function confirmDestroy(
  stack: string,
  isProtected: boolean,
  { yes, confirm }: Consent,
): Promise<void> {
  if (confirm !== undefined) {
    if (confirm === stack) return;
    throw new UserError(
      `--confirm: it says ${confirm}, and the stack is ${stack}. Nothing was deleted.`,
    );
  }
  if (yes === true && !isProtected) return;
  if (yes === true) {
    throw new UserError(
      `--yes: ${stack} is protected, and a yes is not enough. Give --confirm ${stack}. Nothing was deleted.`,
    );
  }
  const { confirmByName } = await import("../confirm.ts");
  await confirmByName(
    stack,
    `This deletes ${stack} as said above.`,
    isProtected ? `--confirm ${stack}` : "--yes",
  );
}
