import { writeEvent } from "./console.ts";
import { redact } from "./redact.ts";

/** One JSON line an event, for Workers Logs. A field is a name, a number or a fact: never a token, code, email or key. */
export interface LogFields {
  readonly [field: string]: string | number | boolean | undefined;
}

export function logEvent(event: string, fields: LogFields): void {
  writeEvent("log", { event, ...fields });
}

/** How many places of a stack are logged: those nearest to the error. */
const mostPlaces = 8;

/**
 * Name, message and place of an error that nobody's input caused: bugs and outages.
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
  const stack = listPlaces(error);
  writeEvent("error", { event, ...fields, error: name, message: clean, stack });
}

/**
 * Where an error was thrown, the innermost first, as `worker.js:1:4821`: places in the bundle, which `npm start`
 * and the local cloud turn into those of the sources. Nothing else of the stack, because it begins with the message.
 */
function listPlaces(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const places = (error.stack ?? "").split("\n").flatMap((line) => {
    const [, found] = /^\s+at .*?([\w.-]{1,60}:\d+:\d+)\)?$/.exec(line) ?? [];
    return found ?? [];
  });
  return places.slice(0, mostPlaces).join(" ") || undefined;
}

/** Characters of a message of the SDK that are logged. */
const longestMessage = 200;

/**
 * What the SDK reports. After `: {` it repeats the message that it is about: somebody's words, which do not
 * belong in a log.
 */
export function logProtocolFailure(error: Error): void {
  const [message = ""] = error.message.split(": {");
  const shortened = new Error(message.slice(0, longestMessage));
  logFailure("mcp-failure", Object.assign(shortened, { stack: error.stack }));
}
