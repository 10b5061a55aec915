import { createHistory } from "../../../infra/adopted-history.ts";
import { durableObjectHistory } from "../../../worker/durable-objects.ts";
import { readSetting, type StackValues } from "../deploy/settings.ts";

/** What a stack's settings say of the Worker beside what is in its state: for the most part, what `adopt` decided. */
export interface Decided {
  /** Classes that no binding names: those of an adopted Worker, which stay as stubs. */
  readonly stubs: readonly string[];
  /** What led to an adopted Worker and stayed outside the stack: "domain <host>", "route <pattern>". */
  readonly outside: readonly string[];
}

/** Nothing but what is in the state. */
export const nothingDecided: Decided = { stubs: [], outside: [] };

/**
 * Reads it out of a stack's settings.
 * @throws Refusal for settings that the program refuses, too.
 */
export function readDecided(settings: StackValues): Decided {
  const adopted = readSetting(settings, "adopted");
  return {
    stubs: createHistory(durableObjectHistory, adopted).stubs,
    outside: adopted?.outside ?? [],
  };
}
