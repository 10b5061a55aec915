import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { UserError } from "../../errors.ts";
import { chooseSignIn, type SignInOptions, type SignInParts } from "./sign-in-options.ts";

/** Somebody at a terminal, at a server that is not a demo. */
function choose(options: Partial<SignInOptions>, parts: Partial<SignInParts> = {}) {
  return chooseSignIn(
    { signIn: "auto", ...options },
    {
      environment: {},
      input: Readable.from([]),
      isTerminal: true,
      readProbeSecret: async () => undefined,
      findDemo: async () => undefined,
      ...parts,
    },
  );
}

test("by itself doctor takes a token, then the probe secret, then the demo, then a person", async () => {
  const environment = { MCP_TOKEN: "token", PROBE_SECRET: "secret", DEMO_PASSWORD: "password" };
  const all = { environment, findDemo: async () => "one password" as const };
  expect(await choose({}, all)).toEqual({ kind: "token", token: "token" });
  const { MCP_TOKEN: _, ...without } = environment;
  expect(await choose({}, { ...all, environment: without })).toMatchObject({ kind: "probe" });
  expect(await choose({}, { readProbeSecret: async () => "its own" })).toEqual({
    kind: "probe",
    secret: "its own",
  });
  const { DEMO_PASSWORD } = environment;
  expect(await choose({}, { ...all, environment: { DEMO_PASSWORD } })).toEqual({
    kind: "demo",
    password: "password",
  });
  expect(await choose({}, { findDemo: async () => "any password" })).toEqual({ kind: "demo" });
  // A demo whose password is not known: a person knows it.
  expect(await choose({}, { ...all, environment: {} })).toEqual({ kind: "browser" });
  expect(await choose({})).toEqual({ kind: "browser" });
});

test("with nobody there no browser opens, and the report says what would help", async () => {
  const nobody = { kind: "none", why: expect.stringMatching(/MCP_TOKEN.*PROBE_SECRET/) };
  expect(await choose({ ci: true })).toEqual(nobody);
  expect(await choose({}, { isTerminal: false })).toEqual(nobody);
  await expect(choose({ ci: true, signIn: "browser" })).rejects.toThrow(/--ci says there is none/);
});

test("a token comes from the standard input or the environment, never from the command line", async () => {
  const input = Readable.from(["  token\n"]);
  expect(await choose({ token: "-" }, { input })).toEqual({ kind: "token", token: "token" });
  await expect(choose({ token: "abc" })).rejects.toThrow(/shell's history/);
  await expect(choose({ token: "-" })).rejects.toThrow(/nothing came/);
  await expect(choose({}, { environment: { MCP_TOKEN: "two words" } })).rejects.toThrow(
    /characters/,
  );
});

test("a way that was named is the one taken, or refused where it lacks something", async () => {
  const environment = { MCP_TOKEN: "token", PROBE_SECRET: "secret" };
  expect(await choose({ signIn: "none" }, { environment })).toMatchObject({ kind: "none" });
  expect(await choose({ signIn: "demo" }, { environment })).toEqual({ kind: "demo" });
  expect(await choose({ signIn: "probe" }, { environment })).toMatchObject({ kind: "probe" });
  expect(await choose({ signIn: "browser" }, { environment })).toEqual({ kind: "browser" });
  await expect(choose({ signIn: "probe" })).rejects.toThrow(UserError);
  await expect(choose({ signIn: "demo", token: "-" })).rejects.toThrow(/Give one of them/);
});
