import type { html } from "hono/html";
import type { Binding } from "../records.ts";

/** Escaped HTML, or nothing. */
export type Html = ReturnType<typeof html> | "";

/** A moment as a clock of this machine shows it, with the day when that is not today. */
export function toClock(time: string): string {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  const clock = date.toLocaleTimeString("en-GB");
  return isToday ? clock : `${date.toLocaleDateString("en-CA")} ${clock}`;
}

/** Who made a version, for people: the API knows Pulumi by the Terraform provider inside it. */
export function toMaker(source: string): string {
  return source === "terraform" ? "Pulumi or Terraform" : source === "api" ? "the API" : source;
}

const kinds: Readonly<Record<string, string>> = {
  d1: "D1",
  durable_object_namespace: "Durable Object",
  json: "setting",
  kv_namespace: "KV",
  plain_text: "setting",
  r2_bucket: "R2",
  ratelimit: "rate limit",
  secret_key: "secret",
  secret_text: "secret",
  service: "Worker",
};

/** The kind of a binding, in a word or two. */
export function toKind({ type }: Binding): string {
  return kinds[type] ?? type.replaceAll("_", " ");
}

/** JSON with line breaks; any other text as it is. */
export function layOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
