import type { PlannedSettings } from "./plan-settings.ts";

/** Tag of a stack that adopted a Worker and of which no `up` has come so far. */
export const adoptionTag = "mcp:adopted";

/** What `--undo` must know and cannot see. */
export interface AdoptionMark {
  /** Whether `adopt` made the stack. */
  readonly madeStack: boolean;
  /** Settings that it put into the stack's file. */
  readonly settings: readonly string[];
}

/** The mark as a tag's value: Pulumi Cloud takes 256 characters, and these are names alone. */
export function formatMark({ madeStack, settings }: AdoptionMark): string {
  return [madeStack ? "made" : "found", ...settings].join(" ");
}

/** @returns undefined for a value that no adoption has written. */
export function parseMark(value: string | undefined): AdoptionMark | undefined {
  const [made, ...settings] = value?.split(" ") ?? [];
  if (made !== "made" && made !== "found") return undefined;
  return { madeStack: made === "made", settings };
}

/**
 * The mark of a run that is about to write the settings.
 * @param earlier that of a run which was interrupted: what it wrote was not there before either.
 * @param before settings that the file has.
 */
export function createMark(
  earlier: AdoptionMark | undefined,
  madeStack: boolean,
  planned: PlannedSettings,
  before: ReadonlySet<string>,
): AdoptionMark {
  const added = Object.keys(planned).filter((name) => !before.has(name));
  return {
    madeStack: madeStack || earlier?.madeStack === true,
    settings: [...new Set([...(earlier?.settings ?? []), ...added])],
  };
}
