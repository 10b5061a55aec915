import { count } from "../admin/format.ts";
import { listChangedSettings } from "../stack/settings-paths.ts";
import type { Changes } from "../stack/stack.ts";
import type { Deployment } from "./deployment.ts";

/** One state of a preview. */
export interface Pushed {
  readonly commit?: string | undefined;
  readonly deployment: Deployment;
  /** Settings as the Worker reads them, in JSON; undefined where they cannot be seen. */
  readonly settings?: unknown;
}

/** What a push has changed, in words that hold no Markdown. */
export interface SinceLastPush {
  /** Commits before and after; undefined where either is not known. */
  readonly commits?: { readonly from: string; readonly to: string };
  /** Resources, as "1 updated". */
  readonly resources: string;
  /** Bytes after gzip that the bundle has more, or less. */
  readonly bundle: string;
  /** Names of settings that changed, as `server.title`, without secret ones; undefined where nobody sees. */
  readonly settings: readonly string[] | undefined;
  readonly toolsAdded: readonly string[];
  readonly toolsRemoved: readonly string[];
}

const done: Readonly<Record<string, string>> = {
  create: "made",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  "create-replacement": "made anew",
  "delete-replaced": "deleted as replaced",
};

/** Compares a push with the one before. */
export function compare(before: Pushed, after: Pushed, changes: Changes): SinceLastPush {
  const known = before.deployment.tools;
  const [old, now] = [new Set(known), new Set(after.deployment.tools)];
  return {
    ...(before.commit !== undefined &&
      after.commit !== undefined && { commits: { from: before.commit, to: after.commit } }),
    resources: describeChanges(changes),
    bundle: describeBundle(before.deployment.bundle, after.deployment.bundle),
    settings:
      before.settings === undefined || after.settings === undefined
        ? undefined
        : listChangedSettings(before.settings, after.settings),
    // Of a deployment that named no tools, none can be told to be new.
    toolsAdded: known === undefined ? [] : [...now].filter((name) => !old.has(name)),
    toolsRemoved: [...old].filter((name) => !now.has(name)),
  };
}

/** Resources that a run has changed, as "9 made, 1 updated". */
export function describeChanges(changes: Changes): string {
  const parts = Object.entries(changes).map(([kind, number]) => `${number} ${done[kind] ?? kind}`);
  return parts.length === 0 ? "none changed" : parts.join(", ");
}

function describeBundle(before: Deployment["bundle"], after: Deployment["bundle"]): string {
  const size = `${count(after.gzipBytes, "byte")} after gzip`;
  if (before.sha256 === after.sha256) return `unchanged, ${size}`;
  const delta = after.gzipBytes - before.gzipBytes;
  return `${size}, ${delta === 0 ? "as many as before" : `${Math.abs(delta)} ${delta > 0 ? "more" : "less"}`}`;
}
