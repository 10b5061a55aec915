import { text } from "node:stream/consumers";
import { UserError } from "../../errors.ts";
import type { SignIn } from "./examination.ts";

/** Ways to come by a sign-in that a person can name. */
export const signInKinds = ["auto", "demo", "probe", "browser", "none"] as const;

export interface SignInOptions {
  readonly signIn: (typeof signInKinds)[number];
  /** `-`: a token comes on the standard input. */
  readonly token?: string;
  /** Whether nobody is there. */
  readonly ci?: boolean;
}

export interface SignInParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly input: NodeJS.ReadableStream;
  /** Whether a person sits at this terminal. */
  readonly isTerminal: boolean;
  /** Probe secret of the stack that was named; undefined if none was, or it has none. */
  readProbeSecret(): Promise<string | undefined>;
  /** What the server's demo asks for; undefined if it is not a demo, or does not answer. */
  findDemo(): Promise<"any password" | "one password" | undefined>;
}

/**
 * Finds the sign-in that needs nobody, if there is one: a token that was given, the probe secret,
 * the demo; else a person at the browser.
 * @throws UserError for options that contradict each other, or lack what they need.
 */
export async function chooseSignIn(options: SignInOptions, parts: SignInParts): Promise<SignIn> {
  const { signIn, token, ci = false } = options;
  if (token !== undefined && signIn !== "auto") {
    throw new UserError("--token and --sign-in both say how to sign in. Give one of them.");
  }
  switch (signIn) {
    case "auto":
      return (
        (await readToken(token, parts)) ?? (await findUnattended(parts)) ?? askPerson(ci, parts)
      );
    case "none":
      return { kind: "none", why: "--sign-in none was given." };
    case "demo":
      return createDemo(parts);
    case "probe":
      return createProbe(parts);
    case "browser":
      if (!ci) return { kind: "browser" };
      throw new UserError(
        "--sign-in browser needs a person, and --ci says there is none. Give --sign-in probe, or a token in MCP_TOKEN.",
      );
  }
}

async function readToken(
  token: string | undefined,
  { environment, input }: SignInParts,
): Promise<SignIn | undefined> {
  if (token !== undefined && token !== "-") {
    throw new UserError(
      "--token: a token on the command line is seen by every program here, and stays in the shell's history. Set MCP_TOKEN, or give --token - and the token on the standard input.",
    );
  }
  const given = (token === "-" ? await text(input) : (environment.MCP_TOKEN ?? "")).trim();
  if (given !== "") {
    if (/^[\x21-\x7e]+$/.test(given)) return { kind: "token", token: given };
    throw new UserError("The token has characters that no token has. Give it alone, on one line.");
  }
  if (token === undefined) return undefined;
  throw new UserError("--token -: nothing came on the standard input. Pipe the token in.");
}

async function findUnattended(parts: SignInParts): Promise<SignIn | undefined> {
  const { environment, readProbeSecret, findDemo } = parts;
  const secret = environment.PROBE_SECRET || (await readProbeSecret());
  if (secret) return { kind: "probe", secret };
  const demo = await findDemo();
  if (demo === undefined) return undefined;
  return demo === "one password" && !environment.DEMO_PASSWORD ? undefined : createDemo(parts);
}

function askPerson(ci: boolean, { isTerminal }: SignInParts): SignIn {
  if (!ci && isTerminal) return { kind: "browser" };
  const nobody = ci ? "--ci says that nobody is there" : "nobody is at this terminal";
  return {
    kind: "none",
    why: `${nobody}, and there is no token (MCP_TOKEN), no probe secret (PROBE_SECRET) and no open demo.`,
  };
}

function createDemo({ environment }: SignInParts): SignIn {
  const { DEMO_PASSWORD: password } = environment;
  return { kind: "demo", ...(password && { password }) };
}

async function createProbe({ environment, readProbeSecret }: SignInParts): Promise<SignIn> {
  const secret = environment.PROBE_SECRET || (await readProbeSecret());
  if (secret) return { kind: "probe", secret };
  throw new UserError(
    "--sign-in probe: no probe secret is known. Set PROBE_SECRET, or name a stack that has the secret probeSecret (docs/deploy.md).",
  );
}
