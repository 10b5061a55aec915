import { expect, test } from "vitest";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import type { WorkerEnv } from "../../env.ts";
import { noteMade, wasMade } from "./known-grants.ts";

const open = (): WorkerEnv => ({ ...workerEnv, TOKEN_GATES: {} as WorkerEnv["TOKEN_GATES"] });
const name = (grantId: string) => ({ userId: "u", grantId });

test("a grant that was made is known for its own server, and no other is", () => {
  const [env, other] = [open(), open()];
  noteMade(env, name("a"));
  expect(wasMade(env, name("a"))).toBe(true);
  expect(wasMade(env, name("b"))).toBe(false);
  expect(wasMade(env, { userId: "v", grantId: "a" })).toBe(false);
  expect(wasMade(other, name("a"))).toBe(false);
});

test("a thousand are remembered, the newest", () => {
  const env = open();
  for (let number = 0; number <= 1000; number++) noteMade(env, name(`${number}`));
  expect(wasMade(env, name("0"))).toBe(false);
  expect(wasMade(env, name("1"))).toBe(true);
  expect(wasMade(env, name("1000"))).toBe(true);
});
