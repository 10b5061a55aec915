import { expect, test } from "vitest";
import { answer, ask, callTool, painted } from "../clients/refusals/ask-colour.ts";
import { type Checkout, waitUntilReady } from "../support/checkout.ts";
import { everyScope } from "../support/connect.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";

test("two rotations sign nobody out: same person, same grant, same browser, same consent; what was asked before one is answered after it, and not after two", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.serve();
  const origin = await waitUntilReady(program);
  const app = await OAuthApp.register(origin);
  const ada = new Person("ada@example.com");
  const login = await app.logIn(ada);
  const id = await readId(origin, login.accessToken);
  const connections = await readConnections(origin, ada);
  expect(connections.grants).toHaveLength(1);
  const setting = (generation: number) => `remote-mcp-server:keyGeneration: ${generation}`;
  const identity = "remote-mcp-server:identityMethod: demo";
  await checkout.edit("Pulumi.dev.yaml", identity, `${identity}\n  ${setting(1)}`);
  await program.waitFor(/Reloaded in \d+ ms/);
  const keys = [await readKeys(checkout)];

  // Grace and her browser remember under the first generation, and do nothing new after it.
  const grace = new Person("grace@example.com");
  const another = await OAuthApp.register(origin);
  await grace.visit(another.begin().url);
  await grace.signIn();
  grace.setTick("remember", "yes", true);
  expect((await grace.decide("approve")).leavesFor).toBeDefined();

  const asking = await app.logIn(new Person("eve@example.com"), { scope: everyScope });
  const back = {
    requestState: await ask(`${origin}/mcp`, asking.accessToken),
    inputResponses: answer,
  };

  let { refreshToken } = login;
  for (const generation of [2, 3]) {
    await checkout.edit("Pulumi.dev.yaml", setting(generation - 1), setting(generation));
    await expect
      .poll(async () => Object.keys(await readKeys(checkout)))
      .toContain(`session-key-${generation}`);
    await program.waitFor(new RegExp(`(Reloaded[\\s\\S]*){${generation}}`));
    keys.push(await readKeys(checkout));

    const { result, error } = await callTool(`${origin}/mcp`, asking.accessToken, back);
    if (generation === 2) expect(result?.structuredContent).toMatchObject(painted);
    else expect(error?.code).toBe(-32602);

    expect(await readId(origin, login.accessToken)).toBe(id);
    const { status, body } = await app.refresh(refreshToken);
    expect(status).toBe(200);
    refreshToken = body.refresh_token ?? "";
    expect(await readId(origin, body.access_token ?? "")).toBe(id);

    // The browser signed in under the generation before: it sees the same connection, and is asked
    // for consent at once.
    expect(await readConnections(origin, ada)).toEqual(connections);
    await ada.visit(app.begin().url);
    expect(ada.sees("consent")).toBe(true);
    // From here on it is signed in under this generation.
    await ada.submit("switch");
    await ada.signIn();

    const page = await grace.visit(another.begin().url);
    if (generation === 2) {
      expect(page.leavesFor?.searchParams.has("code")).toBe(true);
    } else {
      // What the first generation signed counts no more: neither who she is, nor what she allowed.
      expect(grace.sees("sign-in")).toBe(true);
      await grace.signIn();
      expect(grace.sees("consent")).toBe(true);
    }
  }

  await ada.visit(`${origin}/connections`);
  await ada.submit("end", { grant: connections.grants[0] ?? "" });
  expect(await app.refresh(refreshToken)).toMatchObject({ body: { error: "invalid_grant" } });

  const [first, second, third] = keys;
  expect(new Set(keys.map((all) => all["subject-key"])).size).toBe(1);
  expect(second?.["session-key-1"]).toBe(first?.["session-key-1"]);
  expect(third?.["session-key-2"]).toBe(second?.["session-key-2"]);
  expect(third).not.toHaveProperty("session-key-1");
  for (const key of keys.flatMap((all) => Object.values(all))) {
    expect(program.printed).not.toContain(key);
  }
});

/** Whose connections the page shows to a signed-in browser, and which. */
async function readConnections(origin: string, person: Person) {
  const { root } = await person.visit(`${origin}/connections`);
  return {
    person: root.querySelector("[name=person]")?.getAttribute("value"),
    grants: root.querySelectorAll("[name=grant]").map((button) => button.getAttribute("value")),
  };
}

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
