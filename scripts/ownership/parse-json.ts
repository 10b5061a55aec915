import * as z from "zod";
import { UserError } from "../errors.ts";

interface FileWords {
  /** How they name it. */
  readonly where: string;
  /** The subject of the file, for errors, as in "whose each file is". */
  readonly subject: string;
  /** Text after the list of problems. Default: none. */
  readonly next?: string;
}

/** Parses the text of a file of JSON. @throws UserError for another one, with each place. */
export function parseJson<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  { where, subject, next = "" }: FileWords,
): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${where} is not JSON: ${(error as Error).message}`);
  }
  const { data, error } = schema.safeParse(json);
  if (error === undefined) return data;
  throw new UserError(`${where} does not say ${subject}:\n${z.prettifyError(error)}${next}`);
}
