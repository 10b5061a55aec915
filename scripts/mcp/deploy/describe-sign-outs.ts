import { resourceType } from "../stack/declared.ts";
import type { PlanFacts } from "./facts.ts";
import { isUploaded } from "./planned-steps.ts";
import { readSetting, type StackValues } from "./settings.ts";

/** Settings by which a person is the one they were: `worker/identity/subject.ts`. */
const issuers = ["identityMethod", "oidcIssuer", "accessTeamDomain"] as const;

/** Settings that say who may come. */
const lists = ["allowedEmails", "allowedDomains", "allowedOrganizations"] as const;

/**
 * Who has to sign in again, or is refused from then on, a sentence each. What cannot be seen is told, too:
 * it may sign people out.
 */
export function describeSignOuts(facts: PlanFacts): string[] {
  const { steps, before, now, isFirst } = facts;
  if (isFirst) return [];
  const move = findMove(facts);
  const isKvLost = steps.some(({ type, op }) => type === resourceType.namespace && isGoing(op));
  const isKeyLost = steps.some(
    ({ type, name, op }) => type === resourceType.stash && name === "subject-key" && isGoing(op),
  );
  return [
    ...(move === undefined
      ? []
      : move === "unseen"
        ? [
            "perhaps everybody: nothing that serves now says at which address, so whether the address changes cannot be seen, and every token is bound to it",
          ]
        : [
            `everybody: the address changes from ${move.from} to ${move.to}, and every token is bound to it`,
          ]),
    ...(isKvLost ? ["everybody: the store of their connections goes"] : []),
    ...(isKeyLost
      ? ["everybody who signs in again comes back as a stranger: the key of people's ids goes"]
      : []),
    ...(before === undefined
      ? [
          "perhaps some: the Pulumi backend knows no settings of an earlier deployment, so a change of the sign-in, of the allow-lists or of the keys cannot be seen",
        ]
      : describeSettings(before, now)),
  ];
}

function isGoing(op: string): boolean {
  return op === "delete" || op === "replace";
}

/** A move of the server to another address; "unseen" where nobody can say whether there is one. */
export type Move = { readonly from: string; readonly to: string } | "unseen" | undefined;

/** Finds out whether a deployment moves the server. */
export function findMove({ declared, serving, steps, isFirst }: PlanFacts): Move {
  if (isFirst || !isUploaded(steps)) return undefined;
  if (serving?.origin === undefined || declared === undefined) return "unseen";
  const [from, to] = [serving.origin, declared.origin];
  return from === to ? undefined : { from, to };
}

/** The address in the settings that a Worker is given: JSON, or what it says. */
export function readOrigin(settings: unknown): string | undefined {
  try {
    const value = typeof settings === "string" ? JSON.parse(settings) : settings;
    return typeof value?.origin === "string" ? value.origin : undefined;
  } catch {
    return undefined;
  }
}

function describeSettings(before: StackValues, now: StackValues): string[] {
  const differs = (name: string) => before[name]?.value !== now[name]?.value;
  const generations = [before, now].map((values) => readSetting(values, "keyGeneration") ?? 1);
  const [was = 1, is = 1] = generations;
  const dropped = listClients(before).filter((id) => !listClients(now).includes(id));
  return [
    ...(issuers.some(differs)
      ? [
          "nobody at once, but whoever signs in again comes back as a stranger: people are known by the service they sign in with, so what tools keep for them stays with their old id",
        ]
      : []),
    ...(is > was && was > 1
      ? [
          `browsers that signed in before generation ${was} of the keys: they sign in and allow again. Clients stay connected`,
        ]
      : []),
    ...lists
      .filter(differs)
      .map(
        (name) =>
          `whoever ${name} does not let in any more, at their next refresh (within an access token's life)`,
      ),
    ...dropped.map((id) => `the client ${id}, which is not among preRegisteredClients any more`),
  ];
}

function listClients(values: StackValues): string[] {
  return (readSetting(values, "preRegisteredClients") ?? []).map(({ clientId }) => clientId);
}
