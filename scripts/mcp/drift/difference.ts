import { createHistory } from "../../../infra/adopted-history.ts";
import { durableObjectHistory } from "../../../worker/durable-objects.ts";
import { readSetting, type StackValues } from "../stack/stack-values.ts";

/**
 * What mends a difference: a new upload of the Worker, because Pulumi would not see it; a refresh
 * before the next `up`; a call of this command's own, because neither would; or a person.
 */
export type Mend = "upload" | "refresh" | "call" | "person";

/** Something that the account has otherwise than the stack says. */
export interface Difference {
  /** What is concerned: "binding SETTINGS". */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  /** What a person does about it where `--repair` does not. */
  readonly remedy: string;
  readonly mend: Mend;
}

/** What could not be looked at, and why. */
export interface NotChecked {
  readonly what: string;
  readonly reason: string;
}

export interface DriftReport {
  readonly stack: string;
  /** Name of the Worker; undefined where the stack has none. */
  readonly worker: string | undefined;
  /** When it was looked, in ISO 8601. */
  readonly looked: string;
  /** What counts as drift. */
  readonly differences: readonly Difference[];
  /** What belongs to no stack of this backend, where that is told and does not count. */
  readonly orphans: readonly Difference[];
  readonly notChecked: readonly NotChecked[];
}

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
 * @throws UserError for settings that the program refuses, too.
 */
export function readDecided(settings: StackValues): Decided {
  const adopted = readSetting(settings, "adopted");
  return {
    stubs: createHistory(durableObjectHistory, adopted).stubs,
    outside: adopted?.outside ?? [],
  };
}
