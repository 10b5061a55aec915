import type { UpdateSummary } from "@pulumi/pulumi/automation/index.js";
import type { ProjectStack } from "../stack/stack.ts";
import { pickSettings, type StackValues } from "./settings.ts";

/** An update of a stack that ended well, with the settings it had. Secrets are in clear: never print it. */
export interface PastUpdate {
  /** When it began, ISO 8601: what tells it from others on every backend. */
  readonly began: string;
  readonly settings: StackValues;
}

/** Updates that are looked through, the newest first. */
const pageSize = 50;

/**
 * The settings that the stack was last deployed with: those of its newest update that ended well, or of
 * the one that began at a given time.
 * @returns undefined where the backend knows of none.
 */
export async function findLastUpdate(
  { automation, project }: ProjectStack,
  began?: string,
): Promise<PastUpdate | undefined> {
  const updates: UpdateSummary[] = await automation.history(pageSize, 1, true);
  const found = updates.find(
    (update) =>
      deploys(update) &&
      update.result === "succeeded" &&
      (began === undefined || toText(update.startTime) === began),
  );
  if (found === undefined) return undefined;
  return { began: toText(found.startTime), settings: pickSettings(project, found.config) };
}

/** A refresh or a destroy says nothing of what serves. */
function deploys({ kind }: UpdateSummary): boolean {
  return kind === "update" || String(kind).includes("import");
}

/** The Automation API gives text where its type says Date. */
function toText(time: Date | string): string {
  return new Date(time).toISOString();
}
