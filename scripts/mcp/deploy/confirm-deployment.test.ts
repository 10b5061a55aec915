import { expect, test } from "vitest";
import { confirmDeployment } from "./confirm-deployment.ts";
import type { Prepared } from "./prepare.ts";

/** As far as a confirmation looks at it. */
function toPrepared(stack: string, isProduction: boolean): Prepared {
  return { isProduction, plan: { stack } } as Prepared;
}

test("where nobody is at the terminal, production needs --yes and other stacks go on", async () => {
  // As a CI runner's.
  expect(process.stdin.isTTY && process.stderr.isTTY).toBeFalsy();
  await expect(confirmDeployment(toPrepared("prod", true), false)).rejects.toThrow(
    "prod is production. Nobody is at this terminal; give --yes.",
  );
  await confirmDeployment(toPrepared("prod", true), true);
  await confirmDeployment(toPrepared("dev", false), false);
});
