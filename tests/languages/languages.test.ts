import { test as base, expect, type TestContext } from "vitest";
import { clientsPage } from "../clients/matrix/document.ts";
import { toTable } from "../clients/matrix/table.ts";
import { requireMade } from "../support/language-programs.ts";
import { startStackServer } from "../support/stack-server.ts";
import { columns } from "./row.ts";
import { type Told, tell } from "./story.ts";
import { shortWays, type Way, ways } from "./ways.ts";

const isWhole = process.env.LANGUAGES === "all";

/** All come from one address and within a minute, as no person's programs do. */
const unhurried = Object.fromEntries(
  [
    "authorizationsPerMinute",
    "registrationsPerMinute",
    "signInsPerMinute",
    "tokenRequestsPerMinute",
  ].map((name) => [name, "1000"]),
);

/** Each way is gone once, and the table is made of all. */
const test = base.extend(
  "told",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const server = await startStackServer({ settings: unhurried });
    onCleanup(() => server[Symbol.asyncDispose]());
    const known = new Map<string, Promise<Told>>();
    return (way: Way, skip: TestContext["skip"]): Promise<Told> => {
      const made = requireMade(skip, way.sdk.made);
      const told = known.get(nameWay(way)) ?? tell(server.origin, way, made);
      known.set(nameWay(way), told);
      return told;
    };
  },
);

for (const way of isWhole ? ways : shortWays) {
  test(`${nameWay(way)} logs in, lists, calls, refreshes, and goes on after a 403 and a 401`, async ({
    told,
    skip,
  }) => {
    const { row, transcript } = await told(way, skip);
    console.log(transcript);
    // Padding is the table's.
    const lines = (await clientsPage.read("languages"))
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim()));
    const cells = columns.map(([name]) => row[name]);
    if (process.env.UPDATE_DOCS !== "1") expect(lines).toContainEqual(["", ...cells, ""]);
  });
}

if (isWhole) {
  test("docs/clients.md holds the table of what each SDK did", async ({ told, skip }) => {
    const rows = [];
    for (const way of ways) rows.push((await told(way, skip)).row);
    const table = toTable(columns, rows);
    console.log(table);
    if (process.env.UPDATE_DOCS === "1") await clientsPage.write("languages", table);
    expect(await clientsPage.read("languages")).toBe(table);
  });
}

function nameWay({ sdk, endpoint, transport }: Way): string {
  return `${sdk.name} at ${endpoint} over ${transport === "sse" ? "HTTP+SSE" : "Streamable HTTP"}`;
}
