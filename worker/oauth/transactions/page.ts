import type { WorkerEnv } from "../../env.ts";
import { prove, readProven } from "./proof.ts";

/**
 * A consent page, as its own form holds it. While it waits for an answer it is stored nowhere, so opening pages
 * costs nothing that lasts; only that one was answered is noted.
 */
export interface WaitingPage {
  /** The OAuth library's handle, without which nobody reads the record. */
  readonly handle: string;
  /** The library's record of the client's request, encrypted under the handle. */
  readonly record: string;
  /** Milliseconds since the epoch until which an answer counts. */
  readonly until: number;
  /** Where it is noted that it was answered; see `readPlace`. */
  readonly place: string;
}

/** The page as a form field: whole, with the proof that this server made it. */
export function toField(
  env: Pick<WorkerEnv, "SESSION_KEYS">,
  { handle, place, until, record }: WaitingPage,
): Promise<string> {
  // The record may hold dots, so it comes last.
  return prove(env, "page", [handle, place, until, record].join("."));
}

/** The page that a form brings back; undefined for one that this server did not make, or that is too old. */
export async function readField(
  env: Pick<WorkerEnv, "SESSION_KEYS">,
  field: string,
): Promise<WaitingPage | undefined> {
  const text = await readProven(env, "page", field);
  if (text === undefined) return undefined;
  const [handle = "", place = "", until = "", ...record] = text.split(".");
  const page = { handle, place, until: Number(until), record: record.join(".") };
  return page.until > Date.now() ? page : undefined;
}

/**
 * The Cloudflare location that a request came to, as its airport's code: `FRA`. The object that knows which pages
 * of a location were answered is made there, so a person does not wait for another continent. Empty if nobody
 * says it, as on a laptop.
 */
export function readPlace(request: Request): string {
  const { colo } = (request as { readonly cf?: { readonly colo?: unknown } }).cf ?? {};
  return typeof colo === "string" && /^[A-Z]{3}$/.test(colo) ? colo : "";
}
