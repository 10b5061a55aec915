import { defineResourceTemplate } from "../kit/index.ts";
import { constants } from "../tools/expression.ts";

/** What each constant is, in a sentence. */
const meanings: Readonly<Record<string, string>> = {
  pi: "Circumference of a circle over its diameter",
  e: "Base of the natural logarithm",
  tau: "Circumference of a circle over its radius",
  phi: "The golden ratio",
};

/** The constants that `calculate` knows. */
export default defineResourceTemplate({
  name: "constants",
  title: "Mathematical constants",
  description:
    "Value and meaning of a constant that calculate knows by name. Read it for the exact value.",
  uriTemplate: "math://constants/{name}",
  variables: { name: Object.keys(constants) },
  mimeType: "application/json",
  scope: "math:use",
  cacheHint: { ttlMs: 86_400_000, cacheScope: "public" },
  read({ name = "" }) {
    if (!Object.hasOwn(constants, name)) return undefined;
    return { text: JSON.stringify({ name, value: constants[name], meaning: meanings[name] }) };
  },
});
