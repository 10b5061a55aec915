import * as z from "zod";
import { defineTool } from "./define-tool.ts";

/** The tool `whoami`, which tells the model on whose behalf it acts, and what it is allowed to do. */
export function whoami<const Scope extends string>({ scope }: { readonly scope: Scope }) {
  return defineTool({
    name: "whoami",
    title: "Who am I",
    description:
      "Returns the person who is signed in, the client acting for them and the scopes they granted it. Use it when the user asks which account is connected. Takes no arguments.",
    scope,
    input: z.object({}),
    output: z.object({
      id: z.string().describe("Opaque id of the person, the same from every client"),
      email: z.string().optional().describe("Address the person signed in with"),
      identityMethod: z.string().describe("How the person signed in; demo checks nothing"),
      clientId: z.string().describe("OAuth client id of the caller"),
      scopes: z.array(z.string()).describe("Scopes granted to the caller"),
    }),
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    run(_args, { person, machine, clientId, scopes }) {
      const who =
        machine === undefined
          ? `Signed in as ${person.email ?? person.id} (${person.method})`
          : `The machine client ${machine}, which acts for no person`;
      return {
        structured: {
          id: person.id,
          ...(person.email !== undefined && { email: person.email }),
          identityMethod: person.method,
          clientId,
          scopes: [...scopes],
        },
        text: `${who}, with the scopes ${scopes.join(", ")}.`,
      };
    },
  });
}
