import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { Progress } from "../progress.ts";

const doing: Readonly<Record<string, string>> = {
  create: "making",
  update: "changing",
  delete: "deleting",
  replace: "replacing",
  "create-replacement": "replacing",
  "delete-replaced": "deleting the old",
  import: "taking over",
  refresh: "looking at",
};

/** Shows on a terminal which resource the engine works on. */
export function showEngineProgress(progress: Progress): (event: EngineEvent) => void {
  return ({ resourcePreEvent }) => {
    if (resourcePreEvent === undefined) return;
    const { op, urn, type } = resourcePreEvent.metadata;
    const verb = doing[op];
    if (verb !== undefined) progress.show(`${verb} ${urn.split("::").at(-1)} (${type})`);
  };
}
