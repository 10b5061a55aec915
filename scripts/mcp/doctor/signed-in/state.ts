import type { Tool } from "@modelcontextprotocol/client";
import {
  type AuthorizationServer,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  None,
} from "oauth4webapi";
import { notChecked } from "../check.ts";
import type { Examination } from "../examination.ts";
import { Outcome } from "./ask.ts";
import type { Answered, Login } from "./login.ts";

/** Shared by the signed-in checks of one examination. */
export interface State {
  /** A code that came back and was not redeemed yet. */
  answered?: Answered;
  /** The login for the endpoint of Streamable HTTP. */
  login?: Login;
  /** The login for the endpoint of HTTP+SSE. The same one if both are one resource. */
  sseLogin?: Login;
  /** Whether a refresh went as it should. */
  canRefresh?: boolean;
  /** The server's tools, once a client has listed them. */
  tools?: readonly Tool[];
  /** The protocol that the server was seen to speak, the newest first. */
  readonly eras: ("modern" | "legacy")[];
  /** Milliseconds of each step that was taken, by the step's name. */
  readonly times: Map<string, number>;
  /** Tokens, codes, verifiers and passwords, which must be in no finding. */
  readonly secrets: Set<string>;
}

const states = new WeakMap<Examination, State>();

export function stateOf(examination: Examination): State {
  const known = states.get(examination);
  if (known !== undefined) return known;
  const state: State = { eras: [], times: new Map(), secrets: new Set() };
  states.set(examination, state);
  return state;
}

/** Takes a step and keeps how long it took; the last time counts. */
export async function timed<Result>(
  examination: Examination,
  step: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const started = performance.now();
  const result = await work();
  stateOf(examination).times.set(step, performance.now() - started);
  return result;
}

/** Keeps what must be in no finding out of each. */
export function keepSecret(examination: Examination, ...values: (string | undefined)[]): void {
  const { secrets } = stateOf(examination);
  for (const value of values) if (value !== undefined && value !== "") secrets.add(value);
}

/** A text without the secrets that are known, whoever put them in. */
export function withoutSecrets(examination: Examination, text: string): string {
  // The longest first: a token may begin with another.
  const secrets = [...stateOf(examination).secrets].sort((a, b) => b.length - a.length);
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "[redacted]"), text);
}

/** The authorization server and this client of it, as the public checks learned them. */
interface Parties {
  readonly server: AuthorizationServer;
  readonly client: Client;
  readonly authentication: ClientAuth;
  readonly redirectUri: string;
}

/** @throws Outcome "not checked" if they are not known. */
export function readParties({ learned }: Examination): Parties {
  const { serverMetadata, client } = learned;
  if (typeof serverMetadata?.issuer !== "string") {
    throw new Outcome(notChecked("The metadata of the authorization server is not known."));
  }
  if (client === undefined) {
    throw new Outcome(notChecked("No client is registered, so nobody can sign in."));
  }
  const server = { ...serverMetadata, issuer: serverMetadata.issuer };
  return {
    server,
    client: { client_id: client.clientId },
    authentication: chooseAuthentication(server, client.clientSecret),
    redirectUri: client.redirectUri,
  };
}

/** A public client, unless the server gave it a secret all the same. */
function chooseAuthentication(
  { token_endpoint_auth_methods_supported: methods = [] }: AuthorizationServer,
  secret: string | undefined,
): ClientAuth {
  if (secret === undefined) return None();
  return methods.includes("client_secret_post")
    ? ClientSecretPost(secret)
    : ClientSecretBasic(secret);
}

/** The resource identifier of an endpoint: what its metadata says, or else its URL. */
export function findResource({ origin, learned }: Examination, path: string): string {
  const named = learned.resourceMetadata[path]?.resource;
  return typeof named === "string" ? named : `${origin}${path}`;
}

/** The scopes that clients are told to ask for first at an endpoint; empty if it names none. */
export function listFirstScopes({ learned }: Examination, path: string): string[] {
  const scopes = learned.resourceMetadata[path]?.scopes_supported;
  return Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === "string") : [];
}
