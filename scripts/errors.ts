export { UserError } from "../infra/user-error.ts";

/** What an error says; of something else that was thrown, the thing itself. */
export function tellError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error of Node's has this code, as in `EADDRINUSE`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
