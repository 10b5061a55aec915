import { afterAll, beforeAll, expect, test } from "vitest";
import { signedInChecks } from "../../scripts/mcp/doctor/signed-in/index.ts";
import { type AlteredServer, startAlteredServer } from "./altered-server.ts";
import { legibly } from "./signed-in/breakings/alter.ts";
import { breakings } from "./signed-in/breakings/index.ts";
import { describeLines, examine, learn, listLines } from "./signed-in/examine.ts";

let server: AlteredServer;
beforeAll(async () => {
  server = await startAlteredServer({
    // Every run signs in anew, and all come from one address.
    settings: { signInsPerMinute: "10000", authorizationsPerMinute: "10000" },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

async function examineDemo() {
  server.alter = undefined;
  const examination = await learn(server.origin, { kind: "demo" });
  return (alter: AlteredServer["alter"]) => {
    server.alter = alter && legibly(alter);
    return examine(examination);
  };
}

test("every line is ok on a server where nothing is broken", async () => {
  const run = await examineDemo();
  const examined = await run(undefined);
  expect(listLines(examined, "warning", "failed", "not checked"), describeLines(examined)).toEqual(
    [],
  );
  expect(examined.findings.size).toBe(signedInChecks.length);
});

test("every line has its breaking, and every breaking its line", () => {
  expect(Object.keys(breakings)).toEqual(signedInChecks.map(({ id }) => id));
  for (const [id, all] of Object.entries(breakings)) expect(all, id).not.toHaveLength(0);
});

for (const [id, all] of Object.entries(breakings)) {
  for (const { what, ends, makeAlter } of all) {
    test(`where ${what}, the line ${id} is "${ends}" and no other`, async () => {
      const run = await examineDemo();
      const examined = await run(makeAlter());
      const others = listLines(examined, "failed", "warning").filter((line) => line !== id);
      expect(others, describeLines(examined)).toEqual([]);
      const { verdict, remedy } = examined.findings.get(id) ?? {};
      expect(verdict).toBe(ends);
      expect(remedy, "a remedy").toMatch(/\.$/);
    });
  }
}
