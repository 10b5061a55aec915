import * as z from "zod";
import type { ToolDeclaration } from "../../worker/kit/needs.ts";

/** One tool for each kind of need. */
export const fixtureTools: readonly ToolDeclaration[] = [
  { name: "weather", needs: { secrets: { weatherApiKey: "key of the weather service" } } },
  {
    name: "convert",
    needs: {
      settings: {
        defaultUnits: z
          .enum(["metric", "imperial"])
          .meta({ description: "Units where none are named.", example: "metric" }),
      },
    },
  },
  { name: "notes", needs: { bindings: { NOTES_DB: { kind: "d1" } } } },
  { name: "files", needs: { bindings: { FILES: { kind: "r2" } } } },
  { name: "summarize", needs: { bindings: { AI: { kind: "ai" } } } },
  { name: "bill", needs: { bindings: { BILLING: { kind: "service" } } } },
];

/** What a stack sets for them. */
export const fixtureSettings = { defaultUnits: "imperial", billingWorker: "billing-api" };
