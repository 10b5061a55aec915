import { isRecord } from "../../json.ts";
import type { Examination } from "./examination.ts";

/** Characters of a body that are read: no document of a server is that large. */
const mostRead = 65_536;

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** The beginning of the body; empty for a stream of events, which would not end. */
  readonly text: string;
}

/** Asks a server under examination and reads what it answers. */
export async function look(
  { origin, fetch }: Pick<Examination, "origin" | "fetch">,
  target: string | URL,
  init: RequestInit = {},
): Promise<Answer> {
  const response = await fetch(target, init);
  const { status, headers } = response;
  return { url: new URL(target, origin).href, status, headers, text: await readStart(response) };
}

/**
 * The first message of a client of the 2025 era, which every server with a sign-in answers 401.
 * @param headers beside those that every message has.
 */
export function initialize(headers: Readonly<Record<string, string>> = {}) {
  return {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: { name: "doctor (remote-mcp-server)", version: "1.0.0" },
      },
    }),
  };
}

/** The kind of an answer's body, without its parameters: `application/json`. */
export function readType({ headers }: Pick<Answer, "headers">): string {
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase();
}

export function isPage(answer: Answer): boolean {
  return readType(answer) === "text/html" || /^\s*<(!doctype|html)/i.test(answer.text);
}

/** The answer's body as a JSON object, or in words why it is none. */
export function readDocument(answer: Answer): Readonly<Record<string, unknown>> | string {
  if (answer.status !== 200) return `answers ${answer.status}`;
  if (isPage(answer)) return "answers an HTML page";
  try {
    const value: unknown = JSON.parse(answer.text);
    if (isRecord(value)) return value;
  } catch {
    return "answers 200 with something that is not JSON";
  }
  return "answers JSON that is not an object";
}

/** The strings of a list in a document; undefined if there is no such list. */
export function readList(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((item) => typeof item === "string");
}

async function readStart(response: Response): Promise<string> {
  if (response.body === null) return "";
  if (readType(response) === "text/event-stream") {
    await response.body.cancel();
    return "";
  }
  let text = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  while (text.length < mostRead) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += value;
  }
  await reader.cancel();
  return text;
}
