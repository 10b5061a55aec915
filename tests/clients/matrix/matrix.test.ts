import { test as base, expect } from "vitest";
import { startStackServer } from "../../support/stack-server.ts";
import { toolNames } from "../../support/tool-names.ts";
import { recordedClients } from "./clients/index.ts";
import { clientsPage } from "./document.ts";
import { publish } from "./publisher.ts";
import type { RecordedClient } from "./recorded-client.ts";
import { email, type Run, run } from "./run.ts";
import { columns, toTable } from "./table.ts";

/** Each client connects once, and the table is made of all. */
const test = base.extend(
  "replayed",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const { outbound, key } = publish(recordedClients);
    const server = await startStackServer({ outbound });
    onCleanup(() => server[Symbol.asyncDispose]());
    const runs = new Map<RecordedClient, Promise<Run>>();
    return (client: RecordedClient): Promise<Run> => {
      const known = runs.get(client) ?? run(server.origin, client, key);
      runs.set(client, known);
      return known;
    };
  },
);

for (const client of recordedClients) {
  const { name, endpoint, registration, note, outcome } = client;
  const way = [endpoint, registration.way, note].filter(Boolean).join(", ");
  if ("refusal" in outcome) {
    test(`${name} is told why it cannot connect (${way})`, async ({ replayed }) => {
      const { found } = await replayed(client);
      expect(found).toEqual({ refusal: expect.stringMatching(outcome.refusal) });
    });
    continue;
  }
  test(`${name} connects, lists the tools and calls them (${way})`, async ({ replayed }) => {
    const { found } = await replayed(client);
    expect(found).toEqual({
      consent: expect.stringContaining(readName(client)),
      granted: outcome.granted,
      hasRefreshToken: true,
      tools: toolNames,
      sum: 42.5,
      email: outcome.granted.includes("demo:profile") ? email : undefined,
    });
    // Whose client it is, only a document proves.
    expect(found).toMatchObject({
      consent: expect.stringContaining(
        registration.way === "CIMD"
          ? `${new URL(registration.url).host} Verified domain`
          : "Unverified",
      ),
    });
  });
}

test("docs/clients.md holds the table of what each client got", async ({ replayed }) => {
  const runs = await Promise.all(recordedClients.map(replayed));
  const table = toTable(
    columns,
    runs.map(({ row }) => row),
  );
  console.log(table);
  if (process.env.UPDATE_DOCS === "1") await clientsPage.write("matrix", table);
  expect(await clientsPage.read("matrix")).toBe(table);
});

function readName({ registration }: RecordedClient): string {
  const { client_name: name } =
    registration.way === "CIMD" ? registration.document : registration.body;
  return String(name);
}
