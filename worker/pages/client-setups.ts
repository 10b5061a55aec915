import type { WorkerSettings } from "../env.ts";
import { type ClientForm, type ClientTarget, clientForms, createConfig } from "./client-forms.ts";

export interface ClientSetup {
  /** Fragment of the home page's address that leads to it: `/#claude-code`. */
  readonly id: string;
  readonly client: string;
  /** Where the snippet goes, or what to do with it. */
  readonly where: string;
  /** To copy as it is. */
  readonly snippet: string;
  /** What else to know. */
  readonly hint?: string;
}

/** The setup of every client, with this server's own addresses. */
export function listClientSetups({ origin, server: { name } }: WorkerSettings): ClientSetup[] {
  return clientForms.map((form) => {
    const { id, title, where, isHosted, transport = "http" } = form;
    const target = { name, transport, url: `${origin}/${transport === "http" ? "mcp" : "sse"}` };
    return {
      id,
      client: title,
      where: typeof where === "string" ? where : where(target),
      snippet: createSnippet(form, target),
      ...(isHosted &&
        origin.startsWith("http:") && {
          hint: "It calls from the Internet, so this works once the server is deployed.",
        }),
    };
  });
}

function createSnippet(form: ClientForm, target: ClientTarget): string {
  const { section, createEntry, createLine } = form;
  if (createLine !== undefined) return createLine(target);
  if (section === undefined || createEntry === undefined) return target.url;
  return JSON.stringify(createConfig({ section, createEntry }, target), null, 2);
}
