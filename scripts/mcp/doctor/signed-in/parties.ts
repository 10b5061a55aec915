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
import { Outcome } from "./outcome.ts";

/** The authorization server and this client of it, as the public checks learned them. */
export interface Parties {
  readonly server: AuthorizationServer;
  readonly client: Client;
  readonly authentication: ClientAuth;
  readonly redirectUri: string;
}

/** @throws Outcome "not checked" where they are not known. */
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

/** The scopes that clients are told to ask for first at an endpoint; empty where it names none. */
export function listFirstScopes({ learned }: Examination, path: string): string[] {
  const scopes = learned.resourceMetadata[path]?.scopes_supported;
  return Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === "string") : [];
}
