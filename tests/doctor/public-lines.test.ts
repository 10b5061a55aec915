import { test as base, expect } from "vitest";
import { publicChecks } from "../../scripts/mcp/doctor/public/index.ts";
import { type AlteredServer, startAlteredServer } from "./altered-server.ts";
import { breaks } from "./breaks.ts";
import { examine, findDependents, findTroubles } from "./examine.ts";

/** One server for all; each test says what is wrong with it. */
const test = base.extend(
  "altered",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }): Promise<AlteredServer> => {
    const server = await startAlteredServer({ settings });
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  },
);

/** Everything that has a line is on. */
const settings = {
  registrationsPerMinute: "1000",
  personalTokens: "30",
  enterpriseIssuers: JSON.stringify([
    {
      issuer: "https://acme.okta.example",
      jwksUrl: "https://acme.okta.example/keys",
      clientIds: ["chat"],
      scopes: ["demo:use"],
    },
  ]),
};

/** Lines whose breaking tests stand in a file of their own: these need another address. */
const elsewhere = ["dns", "tls", "cimd"];

test("every line has a test that breaks what it looks at", () => {
  const ids = publicChecks.map(({ id }) => id);
  expect([...Object.keys(breaks), ...elsewhere].toSorted()).toEqual(ids.toSorted());
});

test("at a healthy server no line has a fault, and only what needs the Internet is not checked", async ({
  altered,
}) => {
  altered.alter = undefined;
  const lines = await examine(altered.origin);
  expect(findTroubles(lines)).toEqual({});
  const open = [...lines.values()].filter(({ verdict }) => verdict === "not checked");
  expect(open.map(({ check }) => check.id)).toEqual(["cimd"]);
  // Its client stays, so its name must be told.
  expect(lines.get("registration")?.reason).toMatch(/"doctor \(remote-mcp-server\)" as [\w-]{16}/);
});

test("each endpoint can be looked at by its own address", async ({ altered }) => {
  altered.alter = undefined;
  for (const path of ["/mcp", "/sse"]) {
    const lines = await examine(`${altered.origin}${path}`);
    expect(findTroubles(lines), path).toEqual({});
    expect(lines.get("resource")?.reason).toBe(`${altered.origin}${path}`);
    expect(lines.get("challenge-sse")?.verdict).toBe("not checked");
  }
  const slash = await examine(`${altered.origin}/mcp/`);
  expect(findTroubles(slash)).toEqual({ answers: "failed" });
});

for (const [id, ways] of Object.entries(breaks)) {
  for (const { what, verdict, alter } of ways) {
    test(`${id}: where ${what}, this line is "${verdict}" and no other has a fault`, async ({
      altered,
    }) => {
      altered.alter = alter;
      const lines = await examine(altered.origin);
      const said = [...lines.values()].map(({ check, reason }) => `${check.id}: ${reason}`);
      const others = Object.keys(findTroubles(lines)).filter((line) => line !== id);
      expect(others, said.join("\n")).toEqual([]);
      expect(lines.get(id)?.verdict).toBe(verdict);
      const { reason = "", remedy = "" } = lines.get(id) ?? {};
      expect(remedy).not.toBe("");
      // A redirect's query may hold what is secret.
      expect(reason).not.toContain("secret=1");
      const blind = [...lines.values()].filter((line) => line.verdict === "not checked");
      const dependents = findDependents(id).add("cimd");
      const unrelated = blind.filter(({ check }) => !dependents.has(check.id));
      expect(unrelated.map(({ check }) => check.id)).toEqual(expectBlind(what));
    });
  }
}

/** Where a server offers nothing, the lines about it have nothing to look at. */
function expectBlind(what: string): string[] {
  return what === "documents and registration are off" ? ["registration", "bad-registration"] : [];
}
