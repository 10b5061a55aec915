import { expect, test } from "vitest";
import { Checkout, waitUntilReady } from "../support/checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";

test("two rotations sign nobody out: same person, same grant, same browser", async () => {
  await using checkout = await Checkout.make();
  await using program = checkout.start();
  const origin = await waitUntilReady(program);
  const app = await OAuthApp.register(origin);
  const ada = new Person("ada@example.com");
  const login = await app.logIn(ada);
  const id = await readId(origin, login.accessToken);
  const setting = (generation: number) => `remote-mcp-server:keyGeneration: ${generation}`;
  const identity = "remote-mcp-server:identityMethod: demo";
  await checkout.edit("Pulumi.dev.yaml", identity, `${identity}\n  ${setting(1)}`);
  await program.waitFor(/Reloaded in \d+ ms/);
  const keys = [await readKeys(checkout)];

  let { refreshToken } = login;
  for (const generation of [2, 3]) {
    await checkout.edit("Pulumi.dev.yaml", setting(generation - 1), setting(generation));
    await expect
      .poll(async () => Object.keys(await readKeys(checkout)), { timeout: 20_000 })
      .toContain(`session-key-${generation}`);
    await program.waitFor(new RegExp(`(Reloaded[\\s\\S]*){${generation}}`));
    keys.push(await readKeys(checkout));

    expect(await readId(origin, login.accessToken)).toBe(id);
    const { status, body } = await app.refresh(refreshToken);
    expect(status).toBe(200);
    refreshToken = body.refresh_token ?? "";
    expect(await readId(origin, body.access_token ?? "")).toBe(id);

    // The browser signed in under the generation before, and is asked for consent at once.
    await ada.visit(app.begin().url);
    expect(ada.sees("consent")).toBe(true);
    // From here on it is signed in under this generation.
    await ada.submit("switch");
    await ada.signIn();
  }

  const [first, second, third] = keys;
  expect(new Set(keys.map((all) => all["subject-key"])).size).toBe(1);
  expect(second?.["session-key-1"]).toBe(first?.["session-key-1"]);
  expect(third?.["session-key-2"]).toBe(second?.["session-key-2"]);
  expect(third).not.toHaveProperty("session-key-1");
  for (const key of keys.flatMap((all) => Object.values(all))) {
    expect(program.printed).not.toContain(key);
  }
});

async function readKeys(checkout: Checkout): Promise<Record<string, string>> {
  const all = JSON.parse(await checkout.read(".dev/keys.json")) as {
    dev: Record<string, string>;
  };
  return all.dev;
}

/** The person's id, as the tool `whoami` tells it. */
async function readId(origin: string, accessToken: string): Promise<string> {
  const answer = await postMessage(`${origin}/mcp`, accessToken, toToolCall("whoami", {}));
  const text = await answer.text();
  const [, id] = /"structuredContent":\{"id":"([^"]+)"/.exec(text) ?? [];
  if (id === undefined) throw new Error(`whoami answered ${answer.status}: ${text}`);
  return id;
}
