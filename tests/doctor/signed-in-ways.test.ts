import { createServer } from "node:http";
import { expect, test as plainTest } from "vitest";
import type { SignIn } from "../../scripts/mcp/doctor/examination.ts";
import type { SignedInOptions } from "../../scripts/mcp/doctor/signed-in/index.ts";
import { crowdSettings } from "../load/support/crowd.ts";
import { postMessage } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import type { StackServerOptions } from "../support/stack-server.ts";
import { type AlteredServer, startAlteredServer } from "./altered-server.ts";
import { legibly, withBody } from "./signed-in/breakings/alter.ts";
import { describeLines, examine, learn, listLines } from "./signed-in/examine.ts";
import { beStrict } from "./signed-in/strict-server.ts";

const secret = "the-probe-secret-of-this-stack-0123456789";

async function examineWith(server: AlteredServer, signIn: SignIn, options: SignedInOptions = {}) {
  return examine(await learn(server.origin, signIn), options);
}

/** Starts a stack and examines it once. */
async function examineStack(stack: StackServerOptions, signIn: SignIn) {
  await using server = await startAlteredServer(stack);
  return await examineWith(server, signIn);
}

/** The dev stack's server, for all that differ in who signs in or in what the proxy does. */
const test = plainTest
  .extend(
    "shared",
    { scope: "file" },
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
    async ({}, { onCleanup }): Promise<AlteredServer> => {
      const server = await startAlteredServer({ settings: crowdSettings });
      onCleanup(() => server[Symbol.asyncDispose]());
      return server;
    },
  )
  .extend("server", ({ shared }) => {
    shared.alter = undefined;
    return shared;
  });

test("the probe's secret shows every line that needs no refresh and no other scope", async () => {
  await using server = await startAlteredServer({ secrets: { probeSecret: secret } });
  const examined = await examineWith(server, { kind: "probe", secret });
  expect(listLines(examined, "failed", "warning"), describeLines(examined)).toEqual([]);
  expect(listLines(examined, "not checked")).toEqual([
    "progress",
    "sse-progress",
    "refresh",
    "refresh-at-once",
    "refresh-again",
  ]);
  const { tokens } = examined.examination.learned;
  expect(tokens).toEqual({
    accessToken: expect.any(String),
    scope: "demo:profile",
    expiresIn: 300,
  });
  expect(examined.leftOver).toEqual([]);

  // A probe that gives more than it says is a way in.
  server.alter = legibly(async (request, pass) => {
    const response = await pass(request);
    if (new URL(request.url).pathname !== "/token" || !response.ok) return response;
    return withBody(response, (body) => ({
      ...body,
      expires_in: 3600,
      scope: "demo:profile demo:write",
    }));
  });
  const wide = await examineWith(server, { kind: "probe", secret });
  expect(wide.findings.get("token")).toMatchObject({
    verdict: "failed",
    reason: expect.stringMatching(/more than 300 seconds and the scopes "demo:profile demo:write"/),
  });
});

test("a probe's secret that is wrong fails the sign-in, and a stack without one is not checked", async ({
  server,
}) => {
  const wrong = await examineStack(
    { secrets: { probeSecret: secret } },
    { kind: "probe", secret: `${secret}x` },
  );
  expect(listLines(wrong, "failed")).toEqual(["sign-in"]);
  expect(wrong.findings.get("sign-in")?.reason).toBe("The probe secret was refused (401).");

  const without = await examineWith(server, { kind: "probe", secret });
  expect(listLines(without, "failed", "warning")).toEqual([]);
  expect(without.findings.get("sign-in")?.verdict).toBe("not checked");
  expect(listLines(without, "ok")).toEqual(["foreign-resource"]);
});

test("a person signs in at their browser, once for each endpoint, and every line is seen", async ({
  server,
}) => {
  const person = new Person("ada@example.com");
  const pages: string[] = [];
  const told: string[] = [];
  const examined = await examineWith(
    server,
    { kind: "browser" },
    {
      signInLimit: 30_000,
      tell: (line) => told.push(line),
      async openBrowser(url) {
        const back = await person.authorize(url);
        // Browsers ask for more than the page.
        expect((await fetch(new URL("/favicon.ico", back))).status).toBe(404);
        expect((await fetch(`${back.origin}${back.pathname}`)).status).toBe(404);
        expect((await fetch(`${back.origin}/other?code=x`)).status).toBe(404);
        const page = await fetch(back);
        expect(page.headers.get("cache-control")).toBe("no-store");
        pages.push(await page.text());
      },
    },
  );
  expect(listLines(examined, "failed", "warning", "not checked"), describeLines(examined)).toEqual(
    [],
  );
  await expect.poll(() => pages).toHaveLength(2);
  expect(pages[0]).toContain("You can close this page");
  expect(told.join("\n")).toContain(`${server.origin}/authorize?`);
});

test("nobody who signs in is not a failure of the server, and neither is a browser that does not open", async ({
  server,
}) => {
  const examined = await examineWith(
    server,
    { kind: "browser" },
    {
      signInLimit: 50,
      openBrowser: () => Promise.reject(new Error("No display.")),
    },
  );
  expect(listLines(examined, "failed", "warning")).toEqual([]);
  expect(examined.findings.get("sign-in")).toMatchObject({
    verdict: "not checked",
    reason: "Nobody signed in within 0 seconds.",
  });
});

test("a person who says no, or a port that is taken, is told", async ({ server }) => {
  const person = new Person("ada@example.com");
  const denied = await examineWith(
    server,
    { kind: "browser" },
    {
      async openBrowser(url) {
        await person.authorize(url, { decision: "deny", followToClient: true });
      },
    },
  );
  expect(listLines(denied, "failed")).toEqual(["sign-in"]);
  expect(denied.findings.get("sign-in")?.reason).toContain("access_denied");

  const examination = await learn(server.origin, { kind: "browser" });
  const { redirectUri = "" } = examination.learned.client ?? {};
  const other = createServer().listen(Number(new URL(redirectUri).port), "127.0.0.1");
  const taken = await examine(examination);
  other.close();
  expect(listLines(taken, "failed")).toEqual(["sign-in"]);
  expect(taken.findings.get("sign-in")?.reason).toContain("Another program listens");
});

test("a token that was given is used and left as it is", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const examined = await examineWith(server, { kind: "token", token: accessToken });
  expect(listLines(examined, "failed", "warning"), describeLines(examined)).toEqual([]);
  expect(listLines(examined, "ok")).toEqual([
    "token-opens",
    "modern-call",
    "legacy-call",
    "progress",
    "foreign-resource",
    "latency",
  ]);
  const after = await postMessage(`${server.origin}/mcp`, accessToken);
  expect(after.status).toBe(200);
  await after.body?.cancel();

  const dead = await examineWith(server, { kind: "token", token: "nobody:gave:this" });
  expect(listLines(dead, "failed")).toEqual(["token-opens"]);
  expect(dead.findings.get("token-opens")?.reason).toContain("401 invalid_token");
});

test("without a sign-in nothing behind it counts as looked at", async ({ server }) => {
  const examined = await examineWith(server, { kind: "none", why: "--ci was given." });
  expect(listLines(examined, "failed", "warning")).toEqual([]);
  expect(listLines(examined, "ok")).toEqual(["foreign-resource"]);
  expect(examined.findings.get("sign-in")?.reason).toBe("There was no sign-in: --ci was given.");
});

test("a demo that takes one password only is signed in to with it, and with no other", async () => {
  const password = "the-one-password-of-this-demo";
  await using server = await startAlteredServer({ secrets: { demoPassword: password } });
  const right = await examineWith(server, { kind: "demo", password });
  expect(listLines(right, "failed", "warning", "not checked"), describeLines(right)).toEqual([]);

  const none = await examineWith(server, { kind: "demo" });
  expect(listLines(none, "failed")).toEqual(["sign-in"]);
  expect(none.findings.get("sign-in")?.reason).toContain("one password only");
  const wrong = await examineWith(server, { kind: "demo", password: "another" });
  expect(wrong.findings.get("sign-in")?.reason).toBe("The sign-in page refused the password.");
});

test("a strict server, which ends a login when a token or a code comes twice, fails nothing", async ({
  server,
}) => {
  server.alter = legibly(beStrict());
  const examined = await examineWith(server, { kind: "demo" });
  expect(listLines(examined, "failed", "not checked"), describeLines(examined)).toEqual([]);
  expect(listLines(examined, "warning")).toEqual(["refresh-at-once", "refresh-again"]);
});

test("no line says a token, a code or a password, not even where the server does", async () => {
  const password = "the-one-password-of-this-demo";
  await using server = await startAlteredServer({ secrets: { demoPassword: password } });
  const codes: string[] = [];
  server.alter = async (request, pass) => {
    const form = new URLSearchParams(await request.clone().text());
    const code = form.get("code");
    if (code === null) return pass(request);
    codes.push(code);
    const description = `The code ${code} of ${password} with ${form.get("code_verifier")} is not known`;
    return Response.json(
      { error: "invalid_request", error_description: description },
      { status: 400 },
    );
  };
  const examined = await examineWith(server, { kind: "demo", password });
  const words = JSON.stringify([...examined.findings]);
  expect(words).toContain("The code [redacted] of [redacted] with [redacted] is not known");
  expect(codes.length).toBeGreaterThan(0);
  for (const kept of [...codes, password]) expect(words).not.toContain(kept);
});

plainTest("what doctor signed in for is given back at the end", async () => {
  // Nobody else has signed in there.
  await using server = await startAlteredServer();
  const examined = await examineWith(server, { kind: "demo" });
  expect(examined.leftOver).toEqual([]);
  const doctor = new Person("doctor@example.com");
  await doctor.visit(`${server.origin}/connections`);
  await doctor.signIn();
  expect(doctor.page.text).toContain("No app");
});

test("a server that takes nothing back is told of as left over", async ({ server }) => {
  const examination = await learn(server.origin, { kind: "demo" });
  const { revocation_endpoint: _none, ...serverMetadata } =
    examination.learned.serverMetadata ?? {};
  examination.learned.serverMetadata = serverMetadata;
  const examined = await examine(examination);
  expect(listLines(examined, "failed", "warning"), describeLines(examined)).toEqual([]);
  expect(listLines(examined, "not checked")).toEqual(["revoke", "revoke-effect"]);
  expect(examined.leftOver).toHaveLength(2);
  expect(examined.leftOver[0]).toContain("takes no token back");
});
