import * as z from "zod";
import { defineTool } from "../kit/index.ts";
import { type LengthUnit, lengthUnitNames, lengthUnits } from "./length-units.ts";

const unit = z.enum(lengthUnitNames);

/** Converts a length to a unit that the person chooses in a form. */
export default defineTool({
  name: "choose_unit",
  title: "Convert to a unit you choose",
  description:
    "Converts a length to another unit. Use it for lengths only. Leave out to, and the person chooses it in a form; if the app cannot ask, the answer lists the units: call again with to.",
  scope: "math:use",
  input: z.object({
    value: z.number().describe("The length"),
    from: unit.describe("Unit of value"),
    to: unit.optional().describe("Unit to convert to; leave out to let the person choose"),
  }),
  output: z.object({
    value: z.number().nullable().describe("The length in unit; null if none was chosen"),
    unit: unit.nullable().describe("Of value; null if none was chosen"),
    choices: z.array(unit).describe("Units to choose from, if none was chosen"),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run({ value, from, to }, { ask }) {
    if (to !== undefined) return convert(value, from, to);
    const reply = await ask("unit", {
      message: `Which unit should ${value} ${from} be converted to?`,
      schema: z.object({ unit: unit.describe("Unit") }),
      isOptional: true,
    });
    if (reply.action === "accept") return convert(value, from, reply.content.unit);
    const text =
      reply.action === "unsupported"
        ? `Ask the person which unit, and call again with it as to: ${lengthUnitNames.join(", ")}.`
        : "The person chose no unit. Do not ask again.";
    return { structured: { value: null, unit: null, choices: [...lengthUnitNames] }, text };
  },
});

function convert(value: number, from: LengthUnit, to: LengthUnit) {
  // Twelve digits: more would show how floats round, not the length.
  const converted = Number(((value * lengthUnits[from]) / lengthUnits[to]).toPrecision(12));
  return {
    structured: { value: converted, unit: to, choices: [] },
    text: `${value} ${from} = ${converted} ${to}`,
  };
}
