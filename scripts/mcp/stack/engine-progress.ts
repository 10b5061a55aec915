import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { Progress } from "../progress.ts";
import { toResourceName } from "./declared.ts";
import type { RunOptions } from "./stack.ts";

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

/** For a run of the engine: shows on a terminal what it works on, and whom it waits for. */
export function showEngine(progress: Progress): Pick<RunOptions, "onEvent" | "onWait"> {
  return {
    onEvent: showEngineProgress(progress),
    onWait: (who) => progress.show(`waiting for ${who}`),
  };
}

/** Shows on a terminal which resource the engine works on. */
export function showEngineProgress(progress: Progress): (event: EngineEvent) => void {
  return ({ resourcePreEvent }) => {
    if (resourcePreEvent === undefined) return;
    const { metadata } = resourcePreEvent;
    const verb = doing[metadata.op];
    if (verb === undefined) return;
    progress.show(`${verb} ${toResourceName(metadata)} (${metadata.type})`);
  };
}
