import { expect, test } from "vitest";
import { gitHubApp } from "../support/github-double.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { Person } from "../support/person.ts";
import { makePersonalToken } from "../support/personal-token.ts";
import { startStackServer } from "../support/stack-server.ts";

const machineClients = JSON.stringify([{ name: "ci", scopes: ["demo:use"], secrets: [1] }]);

const enterpriseIssuers = JSON.stringify([
  {
    issuer: "https://acme.okta.com",
    jwksUrl: "https://acme.okta.com/keys",
    clientIds: ["https://chat.example/client"],
    scopes: ["demo:use"],
  },
]);

/** What tells from outside which ways in a Worker has. */
async function readWays(origin: string) {
  const metadata = await fetch(`${origin}/.well-known/oauth-authorization-server`);
  const { grant_types_supported: grants, ...rest } = (await metadata.json()) as {
    readonly grant_types_supported: readonly string[];
  };
  const manage = await fetch(`${origin}/.well-known/oauth-protected-resource/personal-tokens`);
  const page = await (await fetch(`${origin}/connections`)).text();
  return {
    machines: grants.includes("client_credentials"),
    companies: "authorization_grant_profiles_supported" in rest,
    personalTokens: manage.status === 200,
    signIn: page.includes("GitHub") ? "github" : page.includes('name="password"') && "demo",
  };
}

const none = { machines: false, companies: false, personalTokens: false, signIn: "demo" };

test("a stack's Worker has the ways in that its settings name, and another one when they change", async () => {
  const codes: string[] = [];
  await using server = await startStackServer({
    async change(spec) {
      codes.push(String(spec.modules[0]?.contents));
      return spec;
    },
  });
  const { origin } = server;
  expect(await readWays(origin)).toEqual(none);

  await server.deploy({ settings: { machineClients } });
  expect(await readWays(origin)).toEqual({ ...none, machines: true });
  const answer = await fetch(`${origin}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: "ci",
      client_secret: server.keys["machine-secret-ci-1"] ?? "",
    }),
  });
  expect(await answer.json()).toMatchObject({ token_type: "bearer", scope: "demo:use" });

  await server.deploy({ settings: { enterpriseIssuers } });
  expect(await readWays(origin)).toEqual({ ...none, companies: true });

  await server.deploy({
    settings: { identityMethod: "github", githubClientId: gitHubApp.id },
    secrets: { githubClientSecret: gitHubApp.secret },
  });
  expect(await readWays(origin)).toEqual({ ...none, signIn: "github" });

  await server.deploy({ settings: {} });
  expect(await readWays(origin)).toEqual(none);
  // The last is the first again, and no other is like another.
  expect(new Set(codes).size).toBe(codes.length - 1);
  expect(codes.at(-1)).toBe(codes[0]);
});

test("what was made with a way in is shown and ended after the stack has given it up", async () => {
  const settings = { personalTokens: "90" };
  await using server = await startStackServer({ settings });
  const { origin } = server;
  const ada = new Person("ada@example.com");
  const token = await makePersonalToken(origin, ada, { name: "Nightly report" });
  const call = () => postMessage(`${origin}/mcp`, token, toToolCall("sum", { a: 2, b: 3 }));
  expect((await call()).status).toBe(200);

  await server.deploy({ settings: { personalTokens: "false" } });
  expect((await call()).status).toBe(401);
  const { text, root } = await ada.visit(`${origin}/connections`);
  expect(text).toContain("Nightly report");
  const grant = root.querySelector("button[name=grant]")?.getAttribute("value") ?? "";
  await ada.submit("end", { grant });

  await server.deploy({ settings });
  expect((await ada.visit(`${origin}/connections`)).text).not.toContain("Nightly report");
  expect((await call()).status).toBe(401);
});
