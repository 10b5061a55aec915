import type { WorkerSettings } from "../env.ts";
import { manageScope } from "../oauth/personal-tokens/manage-scope.ts";
import { enterpriseMethod } from "./enterprise-method.ts";

/** The name in `scopesByGroup` that means everybody. */
export const everybody = "*";

type Limits = Pick<WorkerSettings, "scopesByGroup" | "enterprise">;

/** What decides which scopes a person may have at most. */
export interface LimitedPerson {
  /** How they came. */
  readonly method?: string | undefined;
  /** Who vouched for them. */
  readonly authority?: string | undefined;
  /** Those of the groups in `scopesByGroup` that the person is in. */
  readonly groups?: readonly string[] | undefined;
}

/** The groups that the settings name, without `*`, which everybody is in. */
export function listGroupNames({ scopesByGroup = {} }: Limits): string[] {
  return Object.keys(scopesByGroup).filter((name) => name !== everybody);
}

/**
 * Those of a person's groups that the settings name; no other is kept.
 * @param value what an identity provider says: a list of names, or one name. Anything else names none.
 */
export function pickGroups(settings: Limits, value: unknown): string[] {
  const named = [value].flat();
  return listGroupNames(settings).filter((name) => named.includes(name));
}

/**
 * The scopes that a person may have at most, or undefined if the stack sets no limit. Everything that
 * gives a token to a person asks here: consent, refresh, personal tokens, and assertions of a company.
 */
export function findMostScopes(
  { groups = [], method, authority }: LimitedPerson,
  { scopesByGroup, enterprise = [] }: Limits,
): string[] | undefined {
  const company = enterprise.find(({ issuer }) => issuer === authority)?.scopes ?? [];
  const byCompany = method === enterpriseMethod ? company : undefined;
  if (scopesByGroup === undefined) return byCompany;
  const allowed = Object.entries(scopesByGroup)
    .filter(([name]) => name === everybody || groups.includes(name))
    .flatMap(([, scopes]) => scopes);
  return [...new Set(allowed)].filter((scope) => byCompany?.includes(scope) ?? true);
}

/**
 * Those of the scopes that a person may have, in their order. Everybody may have the scope for making tokens:
 * a token can do no more than its person.
 */
export function limitScopes(
  scopes: readonly string[],
  person: LimitedPerson,
  settings: Limits,
): string[] {
  const most = findMostScopes(person, settings);
  return scopes.filter((scope) => scope === manageScope || (most?.includes(scope) ?? true));
}

/** Those of the scopes that anybody at all may have: for a page that does not know the person yet. */
export function dropImpossible(scopes: readonly string[], settings: Limits): string[] {
  return limitScopes(scopes, { groups: listGroupNames(settings) }, settings);
}
