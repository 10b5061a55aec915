import type { ProjectStack } from "../stack/stack.ts";

/** Name of the stack tag that remembers where a deployment that is not judged yet would go back to. */
const tag = "way-back";

/** What was there before a deployment whose doctor has not ended. */
export interface PendingWayBack {
  /** Id of the version that served. */
  readonly version: string;
  /** When the update began that it had its settings from. */
  readonly began: string;
}

/** Reads it, where a run of `deploy` ended in between. */
export async function readPending(stack: ProjectStack): Promise<PendingWayBack | undefined> {
  const [version = "", began = ""] = ((await stack.tags())[tag] ?? "").split(" ");
  return version === "" || began === "" ? undefined : { version, began };
}

/** Writes it down before anything is deployed: a run that is killed is continued by another machine. */
export function writePending(
  stack: ProjectStack,
  { version, began }: PendingWayBack,
): Promise<void> {
  return stack.setTags({ [tag]: `${version} ${began}` });
}

/** Forgets it, once doctor has spoken. */
export function forgetPending(stack: ProjectStack): Promise<void> {
  return stack.removeTag(tag);
}
