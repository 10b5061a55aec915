import { Person } from "../../support/person.ts";
import type { SigningKey } from "../../support/signing-key.ts";
import type { RecordedClient } from "./recorded-client.ts";
import { Replay } from "./replay.ts";
import type { Row } from "./table.ts";

/** What a client got, to be compared. */
export type Found =
  | {
      readonly consent: string;
      readonly granted: string | undefined;
      readonly hasRefreshToken: boolean;
      readonly tools: readonly string[];
      readonly sum: unknown;
      readonly email: string | undefined;
    }
  | { readonly refusal: string };

/** A line of the table, and what stands behind it. */
export interface Run {
  readonly row: Row;
  readonly found: Found;
}

/** Email of the person who connects each client. */
export const email = "ada@example.com";

/** Lets a person connect one client, list the tools and call two. */
export async function run(origin: string, client: RecordedClient, key: SigningKey): Promise<Run> {
  const replay = new Replay(origin, client, key);
  const person = new Person(email);
  const discovered = await replay.discover();
  const credentials = await replay.register(discovered);
  const identity = {
    client: client.name,
    endpoint: `\`${client.endpoint}\``,
    registration: client.registration.way,
    note: client.note,
  };
  const authorized = await replay.authorize(person, discovered, credentials);
  if ("refusal" in authorized) {
    const row = { ...identity, ...nothing, authorization: "refused" };
    return { row, found: authorized };
  }
  const { body, status } = await replay.redeem(discovered, credentials, authorized);
  const { access_token: token, refresh_token: refreshToken, scope = "" } = body;
  if (token === undefined) throw new Error(`No token, but ${status} ${JSON.stringify(body)}`);
  await using conversation = await replay.connect(token);
  const { tools } = (await conversation.ask("tools/list")) as { tools: { name: string }[] };
  const call = async (name: string, args: object) => {
    const result = await conversation.ask("tools/call", { name, arguments: args });
    return (result as { structuredContent?: Record<string, unknown> }).structuredContent ?? {};
  };
  const { sum } = await call("sum", { a: 2, b: 40.5 });
  const me = await call("whoami", {});
  return {
    row: {
      ...identity,
      authorization: `\`${scope.replaceAll(" ", "` `")}\``,
      token: nameMethod(client.authentication),
      opening: conversation.opening,
      list: tools.length > 0 ? "yes" : "no",
      call: sum === 42.5 ? "yes" : "no",
    },
    found: {
      consent: authorized.consent,
      granted: scope,
      hasRefreshToken: refreshToken !== undefined,
      tools: tools.map(({ name }) => name),
      sum,
      email: typeof me.email === "string" ? me.email : undefined,
    },
  };
}

/** A method's name as code, or what the client does in words. */
function nameMethod(authentication: RecordedClient["authentication"]): string {
  return authentication.includes(" ") ? authentication : `\`${authentication}\``;
}

const nothing = { token: "", opening: "", list: "", call: "" };
