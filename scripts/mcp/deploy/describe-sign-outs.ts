import { resourceType } from "../stack/declared.ts";
import type { PlanFacts } from "./facts.ts";
import { findWorkerStep, type PlannedStep, readBindings } from "./planned-steps.ts";
import { readSetting, type StackValues } from "./settings.ts";

/** Settings by which a person is the one they were: `worker/identity/subject.ts`. */
const issuers = ["identityMethod", "oidcIssuer", "accessTeamDomain"] as const;

/** Settings that say who may come. */
const lists = ["allowedEmails", "allowedDomains", "allowedOrganizations"] as const;

/** Who has to sign in again, or is refused from then on, a sentence each. */
export function describeSignOuts(facts: PlanFacts): string[] {
  const { steps, before, now, serving } = facts;
  if (serving === undefined) return [];
  const origin = findOrigin(steps);
  const isMoved = serving.origin !== undefined && origin !== undefined && origin !== serving.origin;
  const isKvLost = steps.some(
    ({ type, op }) => type === resourceType.namespace && (op === "delete" || op === "replace"),
  );
  return [
    ...(isMoved
      ? [
          `everybody: the address changes from ${serving.origin} to ${origin}, and every token is bound to it`,
        ]
      : []),
    ...(isKvLost ? ["everybody: the store of their connections goes"] : []),
    ...(before === undefined ? [] : describeSettings(before, now)),
  ];
}

/** The address that the Worker will have by its settings. */
export function findOrigin(steps: readonly PlannedStep[]): string | undefined {
  const step = findWorkerStep(steps);
  if (step === undefined) return undefined;
  return readOrigin(readBindings(step.after).find(({ name }) => name === "SETTINGS")?.json);
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
