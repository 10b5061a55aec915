import { expect, test } from "vitest";
import { mostVariableBytes } from "../../infra/worker-settings-size.ts";
import { variableBytes } from "./billing-plan.ts";

test("the program takes settings that are as long as the local cloud takes, and no longer", () => {
  expect(mostVariableBytes).toBe(variableBytes);
});
