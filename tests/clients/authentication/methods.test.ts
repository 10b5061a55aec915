import * as oauth from "oauth4webapi";
import { test as base, expect } from "vitest";
import { Person } from "../../support/person.ts";
import { startStackServer } from "../../support/stack-server.ts";
import { chatgpt } from "../matrix/clients/chatgpt.ts";
import { publish } from "../matrix/publisher.ts";
import { Program } from "./program.ts";

const [signing] = chatgpt;
const redirectUri = "http://localhost:8092/callback";
const ada = () => new Person("ada@example.com");

const test = base.extend(
  "stack",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const { outbound, key } = publish(chatgpt);
    const server = await startStackServer({ outbound });
    onCleanup(() => server[Symbol.asyncDispose]());
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const { subtle } = crypto;
    const jwk = key.privateKey;
    const signer = await subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
    return { origin: server.origin, signer: { key: signer, kid: key.id } };
  },
);

/** How a program comes by its id, and how it proves who it is, for each method of the metadata. */
const methods = {
  none: { register: "none", prove: () => oauth.None() },
  client_secret_basic: {
    register: "client_secret_basic",
    prove: ({ secret }: Program) => oauth.ClientSecretBasic(secret),
  },
  client_secret_post: {
    register: "client_secret_post",
    prove: ({ secret }: Program) => oauth.ClientSecretPost(secret),
  },
} as const;

for (const [name, { register, prove }] of Object.entries(methods)) {
  test(`a program logs in, refreshes and signs out with ${name}`, async ({ stack }) => {
    const registration = { register: { token_endpoint_auth_method: register } };
    const program = await Program.discover(stack.origin, registration, redirectUri);
    await program.run(ada(), prove(program));
  });
}

test("a program logs in, refreshes and signs out with private_key_jwt", async ({ stack }) => {
  if (signing?.registration.way !== "CIMD") throw new Error("No client that signs was recorded.");
  const { url } = signing.registration;
  const program = await Program.discover(stack.origin, { client_id: url }, signing.redirectUri);
  await program.run(ada(), oauth.PrivateKeyJwt(stack.signer));
});

test("each method that the metadata names is driven here, and none comes first", async ({
  stack,
}) => {
  const program = await Program.discover(stack.origin, { client_id: "anybody" }, redirectUri);
  const { token_endpoint_auth_methods_supported: named } = program.server;
  expect(named).toEqual([...Object.keys(methods), "private_key_jwt"]);
});

test("a registration that names no method is client_secret_basic", async ({ stack }) => {
  const program = await Program.discover(stack.origin, { register: {} }, redirectUri);
  expect(program.client.token_endpoint_auth_method).toBe("client_secret_basic");
  await program.run(ada(), oauth.ClientSecretBasic(program.secret));
});

for (const [named, prove] of [
  ["client_secret_post", oauth.ClientSecretBasic],
  ["client_secret_basic", oauth.ClientSecretPost],
] as const) {
  test(`a client that registered ${named} may send its secret the other way`, async ({ stack }) => {
    const registration = { register: { token_endpoint_auth_method: named } };
    const program = await Program.discover(stack.origin, registration, redirectUri);
    await program.run(ada(), prove(program.secret));
    await expect(program.run(ada(), prove("another secret"))).rejects.toThrow();
    await expect(program.run(ada(), oauth.None())).rejects.toThrow();
  });
}

test("a client that registered none proves nothing with a secret", async ({ stack }) => {
  const registration = { register: { token_endpoint_auth_method: "none" } };
  const program = await Program.discover(stack.origin, registration, redirectUri);
  for (const prove of [oauth.ClientSecretBasic, oauth.ClientSecretPost]) {
    await expect(program.run(ada(), prove("a secret"))).rejects.toThrow();
  }
});
