import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../../tests/support/temp-folder.ts";
import type { Machine } from "../connect/machine.ts";
import { SignInFile } from "./sign-in-file.ts";

const endpoint = new URL("http://localhost:8787/mcp");
const signIn = {
  client: { client_id: "c", redirect_uris: ["http://127.0.0.1:5/callback"] },
  tokens: { access_token: "a", token_type: "bearer", refresh_token: "r", issuer: "http://i" },
  port: 5,
};

function machineAt(home: string): Machine {
  return { platform: "linux", home, env: {} };
}

test("a sign-in is remembered where only its owner reads it, for its endpoint alone", async () => {
  await using folder = await makeTempFolder();
  const machine = machineAt(folder.path);
  const file = new SignInFile(machine, endpoint);
  expect(await file.read()).toEqual({});
  await file.write(signIn);
  expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  expect(await file.read()).toEqual(signIn);
  for (const other of ["http://localhost:8787/sse", "http://localhost:8788/mcp"]) {
    expect(await new SignInFile(machine, new URL(other)).read()).toEqual({});
  }
  // A copy of the file under another endpoint's name hands its tokens to nobody.
  const other = new SignInFile(machine, new URL("https://evil.example/mcp"));
  await writeFile(other.path, await readFile(file.path));
  expect(await other.read()).toEqual({});
});

test("a file that others could read is closed with the next sign-in", async () => {
  await using folder = await makeTempFolder();
  const file = new SignInFile(machineAt(folder.path), endpoint);
  await file.write(signIn);
  await chmod(file.path, 0o644);
  await file.write(signIn);
  expect((await stat(file.path)).mode & 0o777).toBe(0o600);
});

test.each(["", "{", "null", '{"endpoint": 1}'])(
  "%j is not a sign-in, and counts as none",
  async (text) => {
    await using folder = await makeTempFolder();
    const file = new SignInFile(machineAt(folder.path), endpoint);
    await file.write(signIn);
    await writeFile(file.path, text);
    expect(await file.read()).toEqual({});
  },
);

test("what is forgotten is gone, also twice", async () => {
  await using folder = await makeTempFolder();
  const file = new SignInFile(machineAt(folder.path), endpoint);
  await file.write(signIn);
  await file.remove();
  await file.remove();
  expect(await file.read()).toEqual({});
});
