import { readRequestBody } from "@modelcontextprotocol/server";
import { dropNulls } from "./absent.ts";

/** A posted message: its text, and the same parsed; undefined for what is no JSON. */
export interface MessageBody {
  readonly text: string;
  readonly parsed: unknown;
}

/** Reads the body of a request. @returns undefined where it is too large. */
export async function readMessage(request: Request): Promise<MessageBody | undefined> {
  const body = await readRequestBody(request);
  if (body.tooLarge) return undefined;
  const parsed = parse(body.text);
  // Most messages hold none, and are not written anew.
  if (parsed === undefined || !body.text.includes("null")) return { text: body.text, parsed };
  const said = dropNulls(parsed);
  return { text: write(said) ?? body.text, parsed: said };
}

/** @returns undefined for what is nested too deep to be written: no message is. */
function write(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
