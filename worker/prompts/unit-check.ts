import { completable } from "@modelcontextprotocol/server";
import * as z from "zod";
import { definePrompt } from "../kit/index.ts";
import { lengthUnitNames } from "../tools/length-units.ts";

/** Has a model check whether a length makes sense. */
export default definePrompt({
  name: "unit-check",
  title: "Check a length and its unit",
  description: "Checks whether a length is plausible for what it belongs to, and in which unit.",
  scope: "math:use",
  args: z.object({
    thing: z.string().min(1).max(200).describe("What has the length, such as a marathon"),
    value: z.string().min(1).max(50).describe("The length as a number"),
    unit: completable(z.string().max(50).describe("Its unit"), (typed) =>
      lengthUnitNames.filter((unit) => unit.startsWith(typed)),
    ),
  }),
  write({ thing, value, unit }) {
    const text = `Is ${value} ${unit} plausible as the length of ${thing}? Convert it with the tool choose_unit to a unit in which such lengths are usually given, compare, and say what the value would be if the unit was mistaken.`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});
