/**
 * A mistake that a person can fix. Its message names what is wrong, why, and what to do next, and is
 * shown without a stack trace, at the terminal and by Pulumi.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  /** Pulumi's own mark of an error without a trace (its `RunError`). Extending that would load its SDK. */
  readonly __pulumiRunError = true;
}

/** Several problems told in one go, under a title. */
export function listProblems(title: string, problems: readonly string[]): UserError {
  return new UserError([title, ...problems].join("\n  - "));
}

/**
 * Puts a stack's name in the place of `<stack>` in the commands of a message: rules are pure, and know none.
 * @returns the same error.
 */
export function nameStack(error: unknown, stack: string): unknown {
  if (error instanceof UserError) error.message = error.message.replaceAll("<stack>", stack);
  return error;
}
