import * as z from "zod";
import { UserError } from "../../errors.ts";
import { toPlainLine } from "../../plain-text.ts";
import { count, formatTable, toDay, toJson, toTerminalText } from "../../terminal/format.ts";
import { askTokens } from "./ask-tokens.ts";
import type { ClientOptions } from "./options.ts";

/** What a token is to be made with; what is undefined is left to the server. */
interface AskedToken {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly days: number | undefined;
  readonly endpoint: "mcp" | "sse" | undefined;
}

const made = z.object({
  token: z.string(),
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  resource: z.string(),
  expiresAt: z.number(),
});

const listed = z.object({
  tokens: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      scopes: z.array(z.string()),
      resource: z.string(),
      since: z.string(),
      lastUsed: z.string().optional(),
      until: z.string().optional(),
    }),
  ),
});

/** Makes a token. It goes to the standard output alone, so that a pipe gets nothing else. */
export async function createToken(options: ClientOptions, asked: AskedToken): Promise<void> {
  const answer = made.parse(await askTokens(options, { method: "POST", asked }));
  if (options.json) {
    console.log(toJson(answer));
    return;
  }
  const { token, name, scopes, resource, expiresAt } = answer;
  const facts = `"${name}" opens ${resource} for ${scopes.join(" ")} until ${toDay(expiresAt)}.`;
  console.error(`${toPlainLine(facts)} It is shown this once; keep it where Git does not see it:`);
  console.log(token);
}

/** Prints the person's tokens. */
export async function listTokens(options: ClientOptions): Promise<void> {
  const { tokens } = await readTokens(options);
  if (options.json) {
    console.log(toJson(tokens));
    return;
  }
  if (tokens.length === 0) {
    console.log("You have no tokens here.");
    return;
  }
  const rows = tokens.map(({ id, name, scopes, resource, since, lastUsed = "-", until = "-" }) =>
    [name, id, resource, scopes.join(" "), since, lastUsed, until].map(toTerminalText),
  );
  const titles = ["Name", "Id", "Opens", "Scopes", "Made", "Last used", "Ends"];
  console.log(`${count(tokens.length, "token")}.\n\n${formatTable(titles, rows)}`);
}

/** Ends the token of this name or id. @throws UserError where there is none. */
export async function revokeToken(options: ClientOptions, name: string): Promise<void> {
  const { tokens } = await readTokens(options);
  const token = tokens.find(({ id }) => id === name) ?? tokens.find((each) => each.name === name);
  if (token === undefined) {
    throw new UserError(`You have no token "${name}" here. \`token list\` shows those you have.`);
  }
  // Signed in by now: a second --sign-in would ask the person again.
  const { signIn: _fresh, ...rest } = options;
  const ended: unknown = await askTokens(rest, { method: "DELETE", id: token.id });
  if (options.json) console.log(toJson(ended));
  else
    console.log(
      `Ended "${toTerminalText(token.name)}". Programs that have it are refused within about a minute.`,
    );
}

async function readTokens(options: ClientOptions): Promise<z.infer<typeof listed>> {
  return listed.parse(await askTokens(options, { method: "GET" }));
}
