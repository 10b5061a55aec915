import { expect } from "vitest";
import { connectLegacy, connectModern, logIn } from "../support/connect.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/usual-stack.ts";

/** Calls a tool and says what came of it, for the transcript. */
async function use(
  who: string,
  client: {
    callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  },
  name: string,
  args: Record<string, unknown>,
): Promise<unknown> {
  const result = (await client.callTool({ name, arguments: args })) as {
    readonly structuredContent?: unknown;
  };
  const { structuredContent } = result;
  console.log(`${who}: ${name}(${JSON.stringify(args)}) -> ${JSON.stringify(structuredContent)}`);
  return structuredContent;
}

/** Reads the resource of what a person noted. */
async function readNotes(
  who: string,
  client: {
    readResource(read: { uri: string }): Promise<{ readonly contents: readonly unknown[] }>;
  },
): Promise<unknown> {
  const { contents } = await client.readResource({ uri: "demo://notes" });
  const [{ text }] = contents as [{ readonly text: string }];
  console.log(`${who}: demo://notes -> ${text}`);
  return JSON.parse(text);
}

test("two clients of one person share what is kept for them, over deploys and a rotation of keys; another person sees none of it", async ({
  takeUsual,
  skip,
}) => {
  await using deployment = await takeUsual(skip);
  const origin = await deployment.origin();
  const ada = new Person("ada@example.com");
  const grace = new Person("grace@example.com");
  const modernToken = await logIn(origin, ada, "modern");
  const sseToken = await logIn(origin, ada, "sse");
  const strangerToken = await logIn(origin, grace, "modern");

  {
    await using first = await connectModern(origin, modernToken);
    await using second = await connectLegacy(origin, sseToken, "sse");
    await use("Ada, modern client", first, "put", { name: "vat_rate", value: 0.19 });
    await use("Ada, modern client", first, "note", { text: "119 with VAT" });
    expect(await use("Ada, SSE client", second, "get", { name: "vat_rate" })).toMatchObject({
      values: [{ name: "vat_rate", value: 0.19 }],
    });
  }

  deployment.changeCode("changed");
  expect(await deployment.up()).toMatchObject({ update: 1 });
  await deployment.configure({ keyGeneration: "2" });
  await deployment.up();
  console.log("Deployed new code, then rotated the keys.");

  await using first = await connectModern(origin, modernToken);
  await using second = await connectLegacy(origin, sseToken, "sse");
  await using stranger = await connectModern(origin, strangerToken);
  expect(await use("Ada, SSE client", second, "get", {})).toMatchObject({
    values: [{ name: "vat_rate", value: 0.19 }],
  });
  expect(await readNotes("Ada, SSE client", second)).toEqual([{ text: "119 with VAT" }]);
  expect(await use("Grace", stranger, "get", {})).toEqual({ values: [] });
  expect(await readNotes("Grace", stranger)).toEqual([]);

  await use("Ada, SSE client", second, "delete_my_data", { confirm: true });
  expect(await use("Ada, modern client", first, "export_my_data", {})).toEqual({ entries: [] });
});
