import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { type EditBody, startTokenProxy, type TokenProxy } from "./token-proxy.ts";

/** Registers a client, logs a person in, and opens the server to everybody with their token. */
export async function openWithToken(origin: string, edit?: EditBody): Promise<TokenProxy> {
  const app = await OAuthApp.register(origin, "Conformance suite");
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  return startTokenProxy(origin, accessToken, edit);
}
