import type { Finding } from "../check.ts";
import type { Examination } from "../examination.ts";

export interface Reception {
  readonly status: number;
  /** `WWW-Authenticate` of a refusal. */
  readonly challenge: string;
}

/** Whether the token was let through, whatever the endpoint then said of the message. */
export function isTaken({ status }: Reception): boolean {
  return status < 500 && status !== 401 && status !== 403;
}

/**
 * Shows an endpoint a token. It only pings, so nothing is left behind: a server that wants a session or
 * an `initialize` first says so with another status than 401.
 */
export async function showToken(
  examination: Examination,
  path: string,
  accessToken: string,
): Promise<Reception> {
  const response = await examination.fetch(path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${accessToken}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  });
  return readReception(response);
}

/** Asks an endpoint of HTTP+SSE for a stream with a token, and leaves it. */
export async function showTokenForStream(
  examination: Examination,
  path: string,
  accessToken: string,
): Promise<Reception> {
  const response = await examination.fetch(path, {
    headers: { authorization: `Bearer ${accessToken}`, accept: "text/event-stream" },
  });
  return readReception(response);
}

async function readReception({ status, headers, body }: Response): Promise<Reception> {
  await body?.cancel();
  return { status, challenge: headers.get("www-authenticate") ?? "" };
}

/** A refusal as the end of a sentence. */
export function describeReception({ status, challenge }: Reception): string {
  const error = /error="([^"]*)"/.exec(challenge)?.[1];
  return error === undefined ? String(status) : `${status} ${error}`;
}

/** Ends a check from anywhere below it with what it found. */
export class Outcome extends Error {
  override readonly name = "Outcome";
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.reason);
    this.finding = finding;
  }
}
