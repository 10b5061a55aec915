import * as z from "zod";
import type { OtherServer } from "../../infra/program.ts";
import { defineTool } from "../../worker/kit/index.ts";
import { server as fixture } from "../fixture/infra.ts";

/** A tool that needs a secret. */
const secretTool = defineTool({
  name: "look_up",
  title: "Look up",
  description: "Looks something up with a key.",
  scope: "demo:use",
  input: z.object({}),
  output: z.object({}),
  annotations: { readOnlyHint: true },
  needs: { secrets: { lookUpKey: "key of look-up.example" } },
  run: () => ({ structured: {}, text: "" }),
});

/** The fixture's program with that tool beside the others. */
export const server: OtherServer = {
  ...fixture,
  features: { ...fixture.features, tools: [...fixture.features.tools, secretTool] },
};
