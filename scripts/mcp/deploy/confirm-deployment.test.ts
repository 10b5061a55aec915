import { expect, test } from "vitest";
import type { Prepared } from "./prepare.ts";
import { confirmDeployment } from "./refusals.ts";

/** As far as a confirmation looks at it. */
function toConfirmed(stack: string, isProduction: boolean): Prepared {
  return { isProduction, plan: { stack } } as Prepared;
}

test("where nobody is at the terminal, production needs --yes and other stacks go on", async () => {
  // As a CI runner's.
  expect(process.stdin.isTTY && process.stderr.isTTY).toBeFalsy();
  await expect(confirmDeployment(toConfirmed("prod", true), false)).rejects.toThrow(
    "prod is production. Nobody is at this terminal; give --yes.",
  );
  await confirmDeployment(toConfirmed("prod", true), true);
  await confirmDeployment(toConfirmed("dev", false), false);
});
