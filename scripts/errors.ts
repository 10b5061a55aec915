export { UserError } from "../infra/user-error.ts";

/** The message of an error; anything else that was thrown, as text. */
export function tellError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error of Node's has this code, as in `EADDRINUSE`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
