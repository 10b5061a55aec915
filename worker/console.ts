import { toPrintableJson } from "./printable.ts";

/** Methods of the console that write to the log. */
const methods = ["debug", "error", "info", "log", "trace", "warn"] as const;

/** Characters of a field in the log. */
const longestField = 1000;

let isOwn = false;

/** What replaces the console's methods. */
const guards = new WeakSet<object>();

/**
 * Writes one event as a line of JSON. The only way to the log: `event` and the names of the fields come from
 * this Worker's code, and no text from outside ends the line, steers a terminal or is long.
 */
export function writeEvent(method: "error" | "log", event: object): void {
  // Asking for each member what becomes of it costs more than writing the line.
  const line = toPrintableJson(event, undefined, isShort(event) ? undefined : shorten);
  isOwn = true;
  try {
    console[method](line);
  } finally {
    isOwn = false;
  }
}

/**
 * Takes over the console from everything else that writes to it: libraries put what strangers sent into
 * their warnings unchanged, and such a line could pass for an event.
 * @param note is told what was written, and by which method of the console.
 */
export function takeOverConsole(note: (method: string, message: string) => void): void {
  for (const method of methods) {
    if (guards.has(console[method])) continue;
    const write = console[method].bind(console);
    const guard = (...values: unknown[]) => {
      if (isOwn) write(...values);
      else note(method, values.map(describe).join(" "));
    };
    guards.add(guard);
    console[method] = guard;
  }
}

function isShort(event: object): boolean {
  return Object.values(event).every((value) =>
    typeof value === "string" ? value.length <= longestField : typeof value !== "object",
  );
}

function shorten(_name: string, value: unknown): unknown {
  if (typeof value !== "string" || value.length <= longestField) return value;
  return `${value.slice(0, longestField)}…`;
}

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
