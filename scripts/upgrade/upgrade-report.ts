import { styleText } from "node:util";
import { listNews, tellNews } from "./changelog.ts";
import type { Merge } from "./merge.ts";

export interface Findings {
  readonly before: string;
  readonly after: string;
  /** How many commits of upstream come in. */
  readonly commits: number;
  readonly from: string;
  readonly base: string;
  readonly target: string;
  /** Texts of upstream's changelog. */
  readonly changelogs: { readonly before: string; readonly after: string };
  /** As `listToDo` gives it. */
  readonly toDo: readonly string[];
}

/** How many files of a kind are named; the rest is counted. */
const named = 12;

/** Tells what upstream brings, and what a person has to do about it. */
export function tellUpgrade(findings: Findings): string[] {
  const { before, after, commits, base, target, changelogs, toDo } = findings;
  const news = tellNews(listNews(changelogs.before, changelogs.after));
  return [
    styleText(
      "bold",
      `From ${before} (${base.slice(0, 7)}) to ${after} (${target.slice(0, 7)}): ${commits} ${commits === 1 ? "commit" : "commits"} of upstream.`,
    ),
    ...(news.length > 0 ? news : ["", "Its changelog says nothing new."]),
    ...(toDo.length > 0 ? ["", "What you have to do", ...toDo.map((one) => `  - ${one}`)] : []),
  ];
}

/** Tells what the merge makes of the person's own changes. */
export function tellMerge(
  merge: Merge,
  { base, target }: { readonly base: string; readonly target: string },
): string[] {
  const { changedOurs, conflicts, keptTheirs, bothChanged, started } = merge;
  const conflicting = new Set(conflicts);
  const changes = changedOurs.map(({ path, alsoUpstream }) => {
    if (conflicting.has(path)) return `${path}: in conflict with upstream's change`;
    return `${path}: ${alsoUpstream ? "merged with upstream's change" : "kept, upstream has not changed it"}`;
  });
  // A file that upstream renamed is in conflict under its new name.
  const renamed = conflicts.filter((path) => !changedOurs.some((one) => one.path === path));
  const keys = bothChanged.map(({ file, path, theirs, upstream }) => {
    const [mine, new_] = [theirs, upstream].map((value) =>
      value === undefined ? "taken out" : JSON.stringify(value),
    );
    const holds =
      theirs === undefined || upstream === undefined ? "yours holds" : "upstream's holds";
    return `${file}, ${path.join(" ")}: yours is ${mine}, upstream's ${new_}; ${holds}`;
  });
  return [
    ...tellList("Your changes in files of ours", [
      ...changes,
      ...renamed.map((path) => `${path}: in conflict with upstream's change`),
    ]),
    ...tellList("Changed by both of you", keys),
    ...tellList("Created empty, because files of ours need them from now on", started),
    ...tellList("Upstream changed these of yours; they stay as you have them", keptTheirs, [
      `see its changes: git diff ${base.slice(0, 12)} ${target.slice(0, 12)} -- <file>`,
    ]),
  ];
}

function tellList(title: string, entries: readonly string[], last: readonly string[] = []) {
  if (entries.length === 0) return [];
  const more = entries.length - named;
  const shown = entries.length > named + 1 ? entries.slice(0, named) : entries;
  const rest = shown.length < entries.length ? [`and ${more} more`] : [];
  return ["", title, ...[...shown, ...rest, ...last].map((entry) => `  ${entry}`)];
}
