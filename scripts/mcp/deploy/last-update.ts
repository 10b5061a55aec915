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

/** The updates of a stack that ended well, the newest first. */
export async function listPastUpdates(stack: ProjectStack): Promise<PastUpdate[]> {
  const { project } = stack;
  const updates = await stack.history(pageSize);
  return updates
    .filter((update) => deploys(update) && update.result === "succeeded")
    .map(({ startTime, config }) => ({
      began: toText(startTime),
      settings: pickSettings(project, config),
    }));
}

/** A refresh or a destroy says nothing of what serves. */
function deploys({ kind }: UpdateSummary): boolean {
  return kind === "update" || String(kind).includes("import");
}

/** The Automation API gives text where its type says Date. */
function toText(time: Date | string): string {
  return new Date(time).toISOString();
}
