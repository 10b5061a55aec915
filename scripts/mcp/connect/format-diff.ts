import { styleText } from "node:util";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import type { Edit } from "./edit.ts";

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
