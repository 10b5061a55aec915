import type { PlannedSettings } from "./adopted-settings.ts";

/**
 * Tag of a stack that adopted a Worker, for `--undo`. An `up` leaves it; that one has begun, the state
 * says. It goes with `--undo`, with a `destroy`, or with the stack.
 */
export const adoptionTag = "mcp:adopted";

/** Everything that `--undo` must know and cannot see. */
export interface AdoptionMark {
  readonly madeStack: boolean;
  /** Settings that it put into the stack's file. */
  readonly settings: readonly string[];
  /** Settings of the file to which it gave another value: the one before is known to nobody. */
  readonly overwritten: readonly string[];
}

/** The mark as a tag's value: Pulumi Cloud takes 256 characters, and these are names alone. */
export function formatAdoptionMark({ madeStack, settings, overwritten }: AdoptionMark): string {
  const changed = overwritten.map((name) => `~${name}`);
  return [madeStack ? "made" : "found", ...settings, ...changed].join(" ");
}

/** @returns undefined for a value that no adoption has written. */
export function parseAdoptionMark(value: string | undefined): AdoptionMark | undefined {
  const [made, ...names] = value?.split(" ") ?? [];
  if (made !== "made" && made !== "found") return undefined;
  return {
    madeStack: made === "made",
    settings: names.filter((name) => !name.startsWith("~")),
    overwritten: names.flatMap((name) => (name.startsWith("~") ? name.slice(1) : [])),
  };
}

/**
 * The mark of a run that is about to write the settings.
 * @param earlier that of a run which was interrupted: what it wrote was not there before either.
 * @param before settings that the file has.
 * @param changed those of them to which it gives another value.
 */
export function createAdoptionMark(
  earlier: AdoptionMark | undefined,
  madeStack: boolean,
  planned: PlannedSettings,
  before: ReadonlySet<string>,
  changed: readonly string[] = [],
): AdoptionMark {
  const added = Object.keys(planned).filter((name) => !before.has(name));
  const settings = [...new Set([...(earlier?.settings ?? []), ...added])];
  const overwritten = [...new Set([...(earlier?.overwritten ?? []), ...changed])];
  return {
    madeStack: madeStack || earlier?.madeStack === true,
    settings,
    overwritten: overwritten.filter((name) => !settings.includes(name)),
  };
}
