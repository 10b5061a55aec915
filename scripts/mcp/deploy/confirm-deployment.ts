import { confirmByName, confirmYes } from "../confirm.ts";
import type { Prepared } from "./prepare.ts";

/**
 * Production is confirmed by its name, other stacks by a yes. Where nobody is at the terminal,
 * production needs --yes, and others go on: a CI runner deploys them at each push.
 * @throws UserError where it is not confirmed.
 */
export async function confirmDeployment(
  { isProduction, plan: { stack } }: Prepared,
  isConfirmed: boolean,
): Promise<void> {
  if (isConfirmed) return;
  if (isProduction) return confirmByName(stack, `${stack} is production.`, "--yes");
  if (process.stdin.isTTY && process.stderr.isTTY) await confirmYes("Deploy this?", "--yes");
}
