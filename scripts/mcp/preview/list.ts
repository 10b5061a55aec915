import { formatTable, toTerminalText } from "../admin/format.ts";
import type { Previews } from "./previews.ts";

/** The previews as a table for a terminal. */
export function formatPreviews({ previews, strangers }: Previews, now: Date): string {
  const rows = previews.map(({ pullRequest, owner, commit, expires, url }) => [
    String(pullRequest),
    toTerminalText(owner ?? "-"),
    toTerminalText(commit ?? "-").slice(0, 20),
    expires === undefined
      ? "unknown"
      : `${expires.toISOString().slice(0, 16).replace("T", " ")}${expires <= now ? " (over)" : ""}`,
    toTerminalText(url ?? "not deployed yet"),
  ]);
  const table =
    rows.length === 0
      ? "There are no previews."
      : formatTable(["PR", "OWNER", "COMMIT", "EXPIRES (UTC)", "URL"], rows);
  return [
    table,
    ...strangers.map(
      (stack) => `${stack} is called like a preview and has not its tag: left alone.`,
    ),
  ].join("\n");
}
