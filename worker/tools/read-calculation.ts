import * as z from "zod";
import type { Entry } from "../kit/index.ts";

const calculation = z.object({ expression: z.string(), value: z.number() });

/** What `calculate` stored, as it is shown. */
export function readCalculation({ value, updatedAt }: Entry) {
  return { ...calculation.parse(value), at: new Date(updatedAt).toISOString() };
}
