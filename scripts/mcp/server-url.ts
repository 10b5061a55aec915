import { UserError } from "../errors.ts";

/** Where `npm start` serves, unless `--port` says otherwise. The variable `DEV_PORT` moves both. */
export const devServerOrigin = `http://localhost:${process.env.DEV_PORT || 8787}`;

/** Milliseconds a server on this machine has for its first answer: it may be loading an edit. If none listens, nothing is waited for. */
const patience = 15_000;

/** How a person named a server; at most one of the two. */
export interface ServerChoice {
  readonly url?: string | undefined;
  readonly stack?: string | undefined;
}

/** A server that a command works on. */
export interface ServerAddress {
  /** Base URL without a slash at the end. */
  readonly origin: string;
  /** Path of the URL that was given, such as `/mcp`; undefined if it named the server alone. */
  readonly path?: string;
  readonly source: "url" | "stack" | "dev server";
  /** Name of the stack, if one was named. */
  readonly stack?: string;
}

/**
 * Finds the server that is meant: the URL as it was given (nothing is asked), a stack's `url` output,
 * or else the dev server, which has to answer.
 * @throws UserError if both are given, the URL is none, the stack is not there or not deployed, or no
 *   dev server answers.
 */
export async function findServer({ url, stack }: ServerChoice): Promise<ServerAddress> {
  if (url !== undefined && stack !== undefined) {
    throw new UserError("--url and --stack both name a server. Give one of them.");
  }
  if (url !== undefined) return { ...parseServerUrl(url), source: "url" };
  if (stack === undefined) return { origin: await findDevServer(), source: "dev server" };
  // Loaded here: a URL needs neither the Pulumi CLI nor a state file.
  const { readStackOutputs } = await import("./stack/outputs.ts");
  const { string } = await import("zod");
  const { explainUnseen, Properties } = await import("./stack/properties.ts");
  const seen = new Properties(await readStackOutputs(stack)).read("url", string());
  if ("unseen" in seen && seen.unseen !== "missing") {
    throw new UserError(
      `--stack: the output url of ${stack} cannot be read: ${explainUnseen(seen.unseen)}. Give --url instead.`,
    );
  }
  const output = "value" in seen ? seen.value : "";
  if (!URL.canParse(output)) {
    const instead = stack === "dev" ? " For the dev server of `npm start`, leave --stack out." : "";
    throw new UserError(
      `--stack: ${stack} is not deployed, so it has no URL. Deploy it with \`npx pulumi up -s ${stack}\`.${instead}`,
    );
  }
  return { origin: new URL(output).origin, source: "stack", stack };
}

/** @throws UserError for what is not an http(s) URL of a server. */
export function parseServerUrl(text: string): { readonly origin: string; readonly path?: string } {
  const example = "Give one such as https://orders.example.workers.dev";
  if (!URL.canParse(text)) throw new UserError(`--url: "${text}" is not a URL. ${example}.`);
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) {
    throw new UserError(`--url: "${text}" is not http or https. ${example}.`);
  }
  if (url.username !== "" || url.password !== "") {
    // Not repeated: it holds a password.
    throw new UserError(`--url: leave the user name and password out. ${example}.`);
  }
  if (url.search !== "" || url.hash !== "") {
    throw new UserError(`--url: "${text}" has a ? or # part, which an address here cannot have.`);
  }
  const path = url.pathname.replace(/\/+$/, "");
  return { origin: url.origin, ...(path !== "" && { path }) };
}

/** @throws UserError if nothing answers there, or not a server of this project. */
async function findDevServer(): Promise<string> {
  const advice =
    "Start it with `npm start` (on another port, name it with --url), or name a deployed server with --stack or --url.";
  const document = `${devServerOrigin}/.well-known/oauth-protected-resource/mcp`;
  let found: unknown;
  try {
    const response = await fetch(document, { signal: AbortSignal.timeout(patience) });
    found = await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) found = undefined;
    else throw new UserError(`No dev server answers at ${devServerOrigin}. ${advice}`);
  }
  const resource = found instanceof Object && "resource" in found ? found.resource : undefined;
  if (resource === `${devServerOrigin}/mcp`) return devServerOrigin;
  throw new UserError(`What answers at ${devServerOrigin} is not a dev server. ${advice}`);
}
