import { styleText } from "node:util";
import type { ConnectClient, Target } from "./client.ts";
import { addBeside } from "./documents/beside.ts";
import { loadFormat } from "./documents/document.ts";
import type { Machine } from "./machine.ts";
import type { ConnectReport } from "./run.ts";

/** Every client with what it speaks and where its file is. */
export function listClients(clients: readonly ConnectClient[], machine: Machine): ConnectReport {
  const rows = clients.map(({ id, title, transports, file }) => ({
    id,
    title,
    transports,
    file: file?.user?.(machine) ?? file?.project?.join("/") ?? null,
  }));
  const lines = rows.map(
    ({ id, title, transports, file }) =>
      `  ${id.padEnd(15)} ${title.padEnd(15)} ${transports.join(", ").padEnd(10)} ${file ?? "by hand: its steps are shown"}`,
  );
  const text = [
    styleText("bold", "Clients"),
    ...lines,
    "",
    "`connect <client>` shows what belongs there, `connect <client> --write` writes it.",
  ].join("\n");
  return { text, json: rows };
}

/** Describes the entry for a client, and the steps after it. Changes nothing. */
export async function describeTarget(
  client: ConnectClient,
  target: Target,
  path: string | undefined,
  machine: Machine,
): Promise<ConnectReport> {
  const { file } = client;
  const others = client.listOtherWays?.(target) ?? [];
  const parts = [styleText("bold", `${client.title}: ${target.name} at ${target.url}`)];
  if (file !== undefined && path !== undefined) {
    const format = await loadFormat(file);
    const shown = format.show(file.section, target.name, file.createEntry(target, machine));
    parts.push(`${path}:\n\n${addBeside(shown, file.createBeside?.(target))}`);
  }
  for (const { what, line } of others) parts.push(`${what}:\n\n${line}`);
  parts.push(formatSteps(client, target));
  if (file !== undefined) parts.push("With --write it is put into the file; the rest stays.");
  return { text: parts.join("\n\n"), json: describeAsJson(client, target, path, machine) };
}

export function describeAsJson(
  client: ConnectClient,
  target: Target,
  path: string | undefined,
  machine: Machine,
) {
  const { file } = client;
  return {
    client: client.id,
    ...target,
    ...(file && { file: path, section: file.section, entry: file.createEntry(target, machine) }),
    ...(file?.createBeside && { beside: file.createBeside(target) }),
    otherWays: client.listOtherWays?.(target) ?? [],
    steps: client.listSteps(target),
  };
}

/** The steps of the person, numbered. */
export function formatSteps(client: ConnectClient, target: Target): string {
  const steps = client.listSteps(target).map((step, index) => `  ${index + 1}. ${step}`);
  return [client.file === undefined ? "What to do:" : "Then:", ...steps].join("\n");
}
