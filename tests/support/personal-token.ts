import { everyScope } from "./connect.ts";
import type { Person } from "./person.ts";

/** What a token is asked for with. */
interface AskedToken {
  readonly name?: string;
  /** Default: every scope of the fixture. */
  readonly scopes?: readonly string[];
  readonly endpoint?: "mcp" | "sse";
}

/** Lets a person make a token at the connections page, and copy it. @throws Error with the page, where there is none. */
export async function makePersonalToken(
  origin: string,
  person: Person,
  { name = "Nightly report", scopes = everyScope.split(" "), endpoint = "mcp" }: AskedToken = {},
): Promise<string> {
  await person.visit(`${origin}/connections`);
  if (person.sees("sign-in")) await person.signIn();
  await person.visit(`${origin}/connections?new=token`);
  for (const scope of scopes) person.setTick("scope", scope, true);
  const { text } = await person.submit("make-token", { name, endpoint });
  const [token] = /rmcp_[0-9A-Za-z]{36}/.exec(text) ?? [];
  if (token === undefined) throw new Error(`No token was made: ${text}`);
  return token;
}
