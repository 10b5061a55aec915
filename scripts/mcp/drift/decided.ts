import { createHistory } from "../../../infra/adopted-history.ts";
import { durableObjectHistory } from "../../../worker/durable-objects.ts";
import { readSetting, type StackValues } from "../deploy/settings.ts";

/** What a stack's settings say of the Worker beside what is in its state: for the most part, what `adopt` decided. */
export interface Decided {
  /** Classes that no binding names: those of an adopted Worker, which stay as stubs. */
  readonly stubs: readonly string[];
  /**
   * The host whose domain and routes the stack took over: what leads to an adopted Worker from another
   * stayed outside the stack. Undefined where the Worker was not adopted: all are the stack's.
   */
  readonly ownHost: string | undefined;
}

/** Nothing but what is in the state. */
export const nothingDecided: Decided = { stubs: [], ownHost: undefined };

/**
 * Reads it out of a stack's settings.
 * @throws Refusal for settings that the program refuses, too.
 */
export function readDecided(settings: StackValues): Decided {
  const adopted = readSetting(settings, "adopted");
  // An adopted Worker without a history of its own has the setting not; the protection it always has.
  const isAdopted = adopted !== undefined || settings.inheritedBindings !== undefined;
  const host =
    settings.customDomain?.value ??
    (settings.publicUrl === undefined ? undefined : new URL(settings.publicUrl.value).host);
  return {
    stubs: adopted === undefined ? [] : createHistory(durableObjectHistory, adopted).stubs,
    ownHost: isAdopted ? (host ?? "") : undefined,
  };
}
