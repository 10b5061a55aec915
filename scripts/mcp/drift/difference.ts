import { createHistory } from "../../../infra/adopted-history.ts";
import { durableObjectHistory } from "../../../worker/durable-objects.ts";
import { readSetting, type StackValues } from "../stack/stack-values.ts";

/**
 * What mends a difference: a new upload of the Worker, because Pulumi would not see it; a refresh
 * before the next `up`; a call of this command's own, because neither would; or a person.
 */
export type Mend = "upload" | "refresh" | "call" | "person";

/** A point in which the account differs from the stack. */
export interface Difference {
  /** The thing that differs, as "binding SETTINGS". */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  /** What a person does about it if `--repair` does not. */
  readonly remedy: string;
  readonly mend: Mend;
}

/** Something that could not be looked at, and why. */
export interface NotChecked {
  readonly what: string;
  readonly reason: string;
}

export interface DriftReport {
  readonly stack: string;
  /** Name of the Worker; undefined if the stack has none. */
  readonly worker: string | undefined;
  /** When it was looked, in ISO 8601. */
  readonly looked: string;
  /** Differences that count as drift. */
  readonly differences: readonly Difference[];
  /** Things that belong to no stack of this backend, when they are reported and do not count as drift. */
  readonly orphans: readonly Difference[];
  readonly notChecked: readonly NotChecked[];
}

/** Facts about the Worker from the stack's settings, not its state: mostly what `adopt` decided. */
export interface Decided {
  /** Classes that no binding names: those of an adopted Worker, which stay as stubs. */
  readonly stubs: readonly string[];
  /** Domains and routes of an adopted Worker that stayed outside of the stack: "domain <host>", "route <pattern>". */
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
