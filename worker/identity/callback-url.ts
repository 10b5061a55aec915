import type { WorkerSettings } from "../env.ts";

/** Where people come back to from the server that signs them in. */
export const callbackPath = "/authorize/callback";

/** The redirect URI of this server as a client of that one, registered there character by character. */
export function toCallbackUrl({ origin }: Pick<WorkerSettings, "origin">): string {
  return `${origin}${callbackPath}`;
}
