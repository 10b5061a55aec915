import { expect, test } from "vitest";
import { Person } from "../../support/person.ts";
import { SigningKey } from "../../support/signing-key.ts";
import { startStackServer } from "../../support/stack-server.ts";
import { chatgpt } from "./clients/chatgpt.ts";
import { publish } from "./publisher.ts";
import { Replay } from "./replay.ts";

const [signing] = chatgpt;

test("a client that signs its token requests is believed for its own key only", async () => {
  if (signing === undefined) throw new Error("No client that signs was recorded.");
  const { outbound, key } = publish(chatgpt);
  await using server = await startStackServer({ outbound });
  const replay = new Replay(server.origin, signing, key);
  const discovered = await replay.discover();
  const credentials = await replay.register(discovered);
  const authorized = await replay.authorize(new Person("ada@example.com"), discovered, credentials);
  if ("refusal" in authorized) throw new Error(authorized.refusal);

  const invalid = { status: 401, body: { error: "invalid_client" } };
  const redeem = (signer: SigningKey) => replay.redeem(discovered, credentials, authorized, signer);
  // Another key under the same name, and one under a name that the maker does not publish.
  expect(await redeem(new SigningKey(key.id))).toMatchObject(invalid);
  expect(await redeem(new SigningKey("another"))).toMatchObject(invalid);
  // The code was not used up by them.
  const { status, body } = await redeem(key);
  expect(status).toBe(200);
  await using conversation = await replay.connect(body.access_token ?? "");
  expect(await conversation.ask("tools/list")).toMatchObject({ tools: expect.any(Array) });
});

test("a client that says it signs, and publishes no key, may not go on without", async () => {
  if (signing === undefined || signing.registration.way !== "CIMD") {
    throw new Error("No client that signs was recorded.");
  }
  const { url, document } = signing.registration;
  const { token_endpoint_auth_methods_supported: _both, jwks_uri: _keys, ...only } = document;
  const registration = { way: "CIMD", url, document: only } as const;
  const { outbound, key } = publish([{ ...signing, registration }]);
  await using server = await startStackServer({ outbound });
  const replay = new Replay(server.origin, signing, key);
  const discovered = await replay.discover();
  const credentials = await replay.register(discovered);
  const person = new Person("ada@example.com");
  expect(await replay.authorize(person, discovered, credentials)).toEqual({
    refusal: expect.stringContaining("This app could not be verified"),
  });
});
