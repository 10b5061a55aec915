import { styleText } from "node:util";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { UserError } from "../../errors.ts";
import type { ConnectClient, Target } from "./client.ts";
import { describeAsJson, formatSteps } from "./describe.ts";
import { type Edit, type Place, planUndo, planWrite } from "./edit.ts";
import type { Machine } from "./machine.ts";
import type { ConnectOptions } from "./request.ts";
import type { ConnectReport } from "./run.ts";

/**
 * Writes an entry, once the person has seen the difference, and said yes if it replaces another.
 * @throws UserError for a file that cannot be changed, or a no.
 */
export async function write(
  place: Place,
  client: ConnectClient,
  target: Target,
  { yes, json }: ConnectOptions,
  machine: Machine,
): Promise<ConnectReport> {
  const { file } = place;
  const entry = file.createEntry(target, machine);
  const edit = await planWrite(place, entry, file.createBeside?.(target));
  const facts = describeAsJson(client, target, edit.path, machine);
  if (edit.before === edit.after) {
    return {
      text: `Nothing to change: ${edit.path} has ${target.name} at ${target.url} already.`,
      json: { ...facts, changed: false },
    };
  }
  if (!json) console.log(`${formatDiff(edit)}\n`);
  if (edit.replaces && !yes) await ask(edit, place, json === true);
  const backup = await edit.carryOut();
  const text = [
    `Written to ${edit.path}. The previous version is in ${backup}; --undo restores it.`,
    formatSteps(client, target),
  ].join("\n\n");
  return { text, json: { ...facts, changed: true, backup } };
}

/**
 * Puts back what was there before an entry was written.
 * @throws UserError if nothing was, or a file cannot be changed.
 */
export async function undo(place: Place, client: ConnectClient): Promise<ConnectReport> {
  // It is told by the name alone, and there is no server at hand.
  const target = { name: place.name, origin: "", url: "", transport: client.transports[0] };
  const edit = await planUndo(place, client.token?.createBeside?.(target));
  const changed = edit.before !== edit.after;
  await edit.carryOut();
  const diff = changed ? `${formatDiff(edit)}\n\n` : "";
  const state = edit.removes
    ? `is gone, as before ${place.name} was written`
    : `has what it had before ${place.name} was written`;
  return {
    text: `${diff}${edit.path} ${state}. Start ${client.title} again.`,
    json: { client: client.id, name: place.name, file: edit.path, changed },
  };
}

/** @throws UserError for a no, or if there is nobody to ask. */
async function ask({ path }: Edit, { name }: Place, isForProgram: boolean): Promise<void> {
  if (isForProgram || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UserError(
      `${path}: there is another "${name}" already, and nothing was written. Replace it with --yes, or choose another name with --name.`,
    );
  }
  const { confirm } = await import("@clack/prompts");
  const answer = await confirm({ message: `Replace "${name}" in ${path}?`, initialValue: false });
  if (answer !== true) throw new UserError("Nothing was written.");
}

/**
 * A change as a unified diff, in colours on a terminal. Texts that look like secrets of other servers
 * are left out: a diff is pasted into issues.
 */
function formatDiff({ path, before, after }: Edit): string {
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
