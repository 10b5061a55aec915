import { readBounded } from "../body.ts";
import { dropNulls, findMissingId } from "./absent.ts";
import { findExcess, largestMessage } from "./message-bounds.ts";

/** A posted message: its text, and the text parsed; undefined if it is not JSON. */
export interface MessageBody {
  readonly text: string;
  readonly parsed: unknown;
  /** Why it is refused, as a sentence: it is too large, or a request without an id. */
  readonly refusal?: string;
}

/** Reads the body of a request, once for everything that looks at it. @throws BodyTooLarge */
export async function readMessage(request: Request): Promise<MessageBody> {
  const text = await readBounded(request, largestMessage);
  const parsed = parse(text);
  const excess = findExcess(parsed);
  if (excess !== undefined) return { text, parsed, refusal: excess };
  // Most messages hold none, and stay as they are.
  if (parsed === undefined || !text.includes("null")) return { text, parsed };
  const said = dropNulls(parsed);
  const refusal = findMissingId(said);
  return { text: JSON.stringify(said), parsed: said, ...(refusal !== undefined && { refusal }) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
