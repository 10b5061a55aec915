import { expect, test } from "vitest";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { LoopbackApi } from "../../traffic/loopback-api.ts";
import {
  canary,
  describeBindings,
  describeScript,
  drafts,
  tokens,
  writeBundle,
} from "../../traffic/recorded-stack.ts";
import { readTraffic } from "../../traffic/traffic.ts";
import { configureProvider } from "./configure.ts";
import { conceal } from "./secrets.ts";

test("an upload whose answer is lost is sent again byte by byte, and fails as recorded", async () => {
  const traffic = await readTraffic("lost-answer");
  const uploads = traffic.filter(({ path }) => path.endsWith("/remote-mcp-server-dev"));
  const namespaceId = /"namespace_id":"(\w{32})"/.exec(uploads[0]?.body ?? "")?.[1] ?? "";
  let turn = 0;
  await using api = await LoopbackApi.start(() => {
    turn += 1;
    const recorded = uploads[turn - 1];
    if (turn === 1 || recorded === undefined) return "half";
    return { status: recorded.status, body: recorded.response };
  });
  await using folder = await makeTempFolder();
  const provider = configureProvider(api);
  const draft = { ...drafts.first, word: "two" } as const;
  const inputs = {
    ...describeScript(draft),
    ...(await writeBundle(folder.path, draft)),
    bindings: describeBindings(draft, namespaceId, conceal(canary)),
  };

  const failure = await provider.create(tokens.script, inputs).catch(String);
  expect(failure).toContain("412");
  expect(failure).toContain("10079");
  expect(failure).toContain("Actor migration tag precondition failed");
  expect(failure).not.toContain(canary);

  // The person's next `up`, for which the program plans no step any more.
  const { migrations: _, ...healed } = inputs;
  await provider.create(tokens.script, healed);

  expect(api.received).toHaveLength(3);
  expect(api.received[1]?.body).toBe(api.received[0]?.body);
  expect(api.received.map(({ body }) => normalize(body))).toEqual(
    uploads.slice(0, 3).map(({ body }) => normalize(body)),
  );
});

/** A form with a boundary of one name. */
function normalize(body: string): string {
  const [, boundary = ""] = /^--(\w+)/.exec(body) ?? [];
  return body.replaceAll(boundary, "<boundary>");
}
