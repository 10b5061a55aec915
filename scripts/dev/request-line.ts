import { styleText } from "node:util";
import { toPlainLine, toPlainText } from "../plain-text.ts";

/** The Worker's log line of one request, as `worker/index.ts` writes it. */
interface RequestEvent {
  readonly event: "request";
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/**
 * A line of the Worker's log for a person: `12:30:01 POST /mcp 200 12 ms`. Other events are told by
 * their name and fields; what is no event is told as it is.
 */
export function formatLogLine(line: string, now: Date = new Date()): string {
  const event = parseEvent(line);
  if (event === undefined) return toPlainText(line);
  const time = styleText("dim", now.toTimeString().slice(0, 8));
  if (isRequest(event)) {
    const { method, route, status, durationMs } = event;
    return `${time} ${toPlainLine(method).padEnd(4)} ${toPlainLine(route)} ${paintStatus(status)} ${durationMs} ms`;
  }
  const { event: name, ...fields } = event;
  const told = Object.entries(fields).map(([key, value]) => `${key}=${toPlainLine(String(value))}`);
  return `${time}      ${styleText("dim", [toPlainLine(name), ...told].join(" "))}`;
}

function parseEvent(line: string): { event: string } | undefined {
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
