import { expect, test } from "vitest";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { startStackServer } from "../support/stack-server.ts";

test("a preview with a password of its own lets in who knows it, and nobody else", async () => {
  // The recipe of docs/identity.md.
  const demoPassword = "a long password of this preview";
  await using server = await startStackServer({
    settings: { environment: "preview", identityMethod: "demo" },
    secrets: { demoPassword },
  });
  const app = await OAuthApp.register(server.origin);
  const stranger = new Person("eve@example.com", "any password");
  await stranger.visit(app.begin().url);
  const page = await stranger.signIn();
  expect(page.status).toBe(400);
  expect(page.text).toContain("This is not the password of this server");
  expect(stranger.sees("consent")).toBe(false);
  const login = await app.logIn(new Person("ada@example.com", demoPassword));
  expect(login.accessToken).toBeTruthy();
  expect(server.requests.join("\n")).not.toContain(demoPassword);
});
