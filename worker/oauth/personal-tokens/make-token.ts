import type { JSX } from "hono/jsx/jsx-runtime";
import type { PersonProps } from "../../mcp/caller.ts";
import { NewTokenPage, TokenFormPage } from "../../pages/personal-tokens.tsx";
import type { BrowserContext } from "../context.ts";
import { listConnections } from "../list-connections.ts";
import { listScopesAtMost } from "./at-most.ts";
import { createToken } from "./create.ts";

/** The page on which a person describes a new token. */
export function showTokenForm(
  { settings, features: { scopes } }: BrowserContext,
  person: PersonProps,
): JSX.Element {
  return TokenFormPage({
    settings,
    catalogue: scopes,
    personId: person.userId,
    scopes: listScopesAtMost({ settings, scopes }, person),
  });
}

/**
 * Makes a token as that page's form asks for it.
 * @returns the page that shows it, or what is wrong with the form.
 */
export async function makeToken(
  { env, settings, features: { scopes }, oauth }: BrowserContext,
  person: PersonProps,
  form: FormData,
): Promise<{ readonly page: JSX.Element } | { readonly problem: string }> {
  const connections = await listConnections(oauth, person.userId, { settings, scopes });
  const names = connections.filter(({ isToken }) => isToken).map(({ clientName }) => clientName);
  const asked = {
    name: form.get("name"),
    scopes: form.getAll("scope"),
    endpoint: form.get("endpoint"),
    days: form.get("days"),
  };
  const made = await createToken({ env, settings, scopes, person, names }, asked);
  return "problem" in made ? made : { page: NewTokenPage({ settings, made }) };
}
