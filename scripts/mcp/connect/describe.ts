import { styleText } from "node:util";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import type { ConnectClient, Target } from "./client.ts";
import { loadFormat } from "./documents/document.ts";
import type { Edit } from "./edit.ts";
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

/** What belongs into a client, and what to do then. Nothing is changed. */
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
    parts.push(`${path}:\n\n${shown}`);
  }
  for (const { what, line } of others) parts.push(`${what}:\n\n${line}`);
  parts.push(formatSteps(client, target));
  if (file !== undefined) parts.push("With --write it is put into the file; the rest stays.");
  return { text: parts.join("\n\n"), json: describeAsJson(client, target, path, machine) };
}

/** The same facts for a program. */
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
    otherWays: client.listOtherWays?.(target) ?? [],
    steps: client.listSteps(target),
  };
}

/** What a person does then, numbered. */
export function formatSteps(client: ConnectClient, target: Target): string {
  const steps = client.listSteps(target).map((step, index) => `  ${index + 1}. ${step}`);
  return [client.file === undefined ? "What to do:" : "Then:", ...steps].join("\n");
}

/**
 * A change as a unified diff, in colours on a terminal. Texts that look like secrets of other servers
 * are left out: a diff is pasted into issues.
 */
export function formatDiff({ path, before, after }: Edit): string {
  return createTwoFilesPatch(path, path, before, after, "", "", {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  })
    .split(/\r?\n/)
    .map((line) => colour(hideSecrets(line)))
    .join("\n")
    .trimEnd();
}

/** Values behind names such as API_KEY or Authorization, and tokens behind "Bearer". */
export function hideSecrets(line: string): string {
  return line
    .replace(
      /((?:token|key|secret|password|passwd|authorization|credential)[\w-]*["']?\s*[:=]\s*)(["'])(?:\\.|(?!\2)[^\\])*\2/gi,
      "$1$2…$2",
    )
    .replace(/((?:token|key|secret|password)[\w-]*=)[^\s"',]+/gi, "$1…")
    .replace(/(\bBearer\s+)(?!\$)[^\s"']+/gi, "$1…");
}

function colour(line: string): string {
  if (line.startsWith("+")) return styleText("green", line);
  if (line.startsWith("-")) return styleText("red", line);
  if (line.startsWith("@@")) return styleText("cyan", line);
  return line;
}
