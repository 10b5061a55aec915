import { styleText } from "node:util";
import { toPlainLine, toPlainText } from "../plain-text.ts";

/** The Worker's log line of one request, as `worker/index.ts` writes it. */
interface RequestEvent {
  readonly event: "request";
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly requestId?: string;
}

export interface LineParts {
  /** Default: now. */
  readonly now?: Date;
  /** The path that was asked for, by the id of the request; undefined if it is not known. */
  readonly findPath?: (requestId: string) => string | undefined;
}

/**
 * A line of the Worker's log for a person: `12:30:01 POST /mcp 200 12 ms`. Other events are told by
 * their name and fields, and the places of a stack below them; what is not an event is told as it is.
 */
export function formatLogLine(
  line: string,
  { now = new Date(), findPath = () => undefined }: LineParts = {},
): string {
  const event = parseEvent(line);
  if (event === undefined) return toPlainText(line);
  const time = styleText("dim", now.toTimeString().slice(0, 8));
  if (isRequest(event)) {
    const { method, route, status, durationMs, requestId = "" } = event;
    const path = findPath(requestId) ?? route;
    return `${time} ${toPlainLine(method).padEnd(4)} ${toPlainLine(path)} ${paintStatus(status)} ${durationMs} ms`;
  }
  const { event: name, stack, ...fields } = event;
  const told = Object.entries(fields).map(([key, value]) => `${key}=${toPlainLine(String(value))}`);
  const first = `${time}      ${styleText("dim", [toPlainLine(name), ...told].join(" "))}`;
  return [first, ...listPlaces(stack)].join("\n");
}

/** The places of a stack, one a line; those in packages only if there is no other. */
function listPlaces(stack: unknown): string[] {
  if (typeof stack !== "string") return [];
  const places = stack.split(" ");
  const own = places.filter((place) => !/(^|\/)node_modules\//.test(place));
  return (own.length > 0 ? own : places).map((place) => `              at ${toPlainLine(place)}`);
}

function parseEvent(line: string): { event: string; stack?: unknown } | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    const isEvent = typeof value === "object" && value !== null && "event" in value;
    return isEvent && typeof value.event === "string" ? (value as { event: string }) : undefined;
  } catch {
    return undefined;
  }
}

function isRequest(event: { event: string }): event is RequestEvent {
  return event.event === "request";
}

function paintStatus(status: number): string {
  return styleText(status < 300 ? "green" : status < 500 ? "yellow" : "red", String(status));
}
