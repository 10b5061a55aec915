import { UserError } from "../../errors.ts";
import type { ConnectClient, Target } from "./client.ts";

/** The environment variable that holds the token of a server: `ACME_ORDERS_TOKEN`. @param name of the server in the client. */
export function toTokenVariable(name: string): string {
  const words = name.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  // A shell takes no name that begins with a digit.
  return `${/^[A-Z]/.test(words) ? "" : "MCP_"}${words}_TOKEN`;
}

/** The headers of an entry that sends a token. @param value what the client puts the token in place of. */
export function toBearerHeaders(value: string) {
  return { headers: { Authorization: `Bearer ${value}` } };
}

/** Sets the variable where a client starts that reads it from its own environment. */
export function tellVariable(title: string, variable: string): string {
  return `Put the token into the environment variable ${variable}, where ${title} starts, and never into a file that Git sees.`;
}

/**
 * The same client, given a token in place of a sign-in.
 * @param name of the server in the client.
 * @throws UserError for a client that takes none, and one that would need it in its file.
 */
export function withToken(client: ConnectClient, name: string, isWrite: boolean): ConnectClient {
  const { token, title, file } = client;
  if (token === undefined) {
    throw new UserError(
      `--token: ${title} takes no token, it always signs its person in. Leave --token out.`,
    );
  }
  const { createEntry, createBeside } = token;
  if (createEntry === undefined && isWrite) {
    throw new UserError(
      `--token: ${title} reads no variable, so its file would have to hold the token itself, and nothing was written. Leave --write out to see other ways.`,
    );
  }
  const variable = toTokenVariable(name);
  const { file: _file, ...rest } = client;
  return {
    ...rest,
    ...(file !== undefined &&
      createEntry !== undefined && {
        file: {
          ...file,
          createEntry: (target, machine) => createEntry(target, variable, machine),
          ...(createBeside !== undefined && { createBeside }),
        },
      }),
    listOtherWays: (target) => token.listOtherWays?.(target, variable) ?? [],
    listSteps: (target) => [tellWhere(target), ...token.listSteps(target, variable)],
  };
}

function tellWhere({ origin, transport }: Target): string {
  const endpoint = transport === "sse" ? " --endpoint sse" : "";
  return `Make a token at ${origin}/connections, or with \`npm run mcp -- token create <name> --scope <scope>${endpoint} --url ${origin}\`.`;
}
