import { writeEvent } from "./console.ts";
import { redact } from "./redact.ts";

/** One JSON line an event, for Workers Logs. A field is a name, a number or a fact: never a token, code, email or key. */
export interface LogFields {
  readonly [field: string]: string | number | boolean | undefined;
}

/** Writes one structured line. */
export function logEvent(event: string, fields: LogFields): void {
  writeEvent("log", { event, ...fields });
}

/**
 * Name and message of an error that is nobody's input: bugs and outages.
 * @param secrets values that the message may hold and the log must not.
 */
export function logFailure(
  event: string,
  error: unknown,
  fields: LogFields = {},
  secrets: readonly string[] = [],
): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const clean = redact(message, secrets);
  writeEvent("error", { event, ...fields, error: name, message: clean });
}

/** Characters of a message of the SDK that are logged. */
const longestMessage = 200;

/** What the SDK reports. Behind `: {` it repeats the message it speaks of: somebody's words, not for a log. */
export function logProtocolFailure(error: Error): void {
  const [message = ""] = error.message.split(": {");
  logFailure("mcp-failure", new Error(message.slice(0, longestMessage)));
}
