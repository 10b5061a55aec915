export interface Release {
  /** As in `1.2.0`; `undefined` for what is not released. */
  readonly version: string | undefined;
  /** Its heading, as in `1.2.0 - 2026-12-01`. */
  readonly title: string;
  /** Entries by kind, as in `Security`, in the order of the file. */
  readonly kinds: ReadonlyMap<string, readonly string[]>;
}

/** Parses a changelog of the form Keep a Changelog: `## [1.2.0] - date`, `### Security`, `- entry`. */
export function parseChangelog(text: string): Release[] {
  const releases: { version: string | undefined; title: string; kinds: Map<string, string[]> }[] =
    [];
  let entries: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const release = /^## +(.+)$/.exec(line)?.[1];
    const kind = /^### +(.+)$/.exec(line)?.[1]?.trim();
    if (release !== undefined) {
      const title = release.replace(/\[([^\]]*)\](?:\([^)]*\))?/g, "$1").trim();
      const version = /^v?(\d+\.\d+\.\d+[\w.-]*)/.exec(title)?.[1];
      releases.push({ version, title, kinds: new Map() });
      entries = [];
    } else if (kind !== undefined) {
      entries = releases.at(-1)?.kinds.get(kind) ?? [];
      releases.at(-1)?.kinds.set(kind, entries);
    } else if (/^[-*] /.test(line)) {
      entries.push(line.slice(2).trim());
    } else if (/^\s+\S/.test(line) && entries.length > 0) {
      entries.push(`${entries.pop()} ${line.trim()}`);
    }
  }
  return releases.map((release) => ({
    ...release,
    kinds: new Map([...release.kinds].filter(([, { length }]) => length > 0)),
  }));
}

/**
 * Releases that one changelog has and the other has not, newest first. Of what is not released, and of a release that
 * was written to afterwards, the new entries.
 */
export function listNews(before: string, after: string): Release[] {
  const known = new Set(parseChangelog(before).flatMap(({ kinds }) => [...kinds.values()].flat()));
  return parseChangelog(after).flatMap((release) => {
    const kinds = [...release.kinds].flatMap(([kind, entries]) => {
      const added = entries.filter((entry) => !known.has(entry));
      return added.length > 0 ? [[kind, added] as const] : [];
    });
    return kinds.length > 0 ? [{ ...release, kinds: new Map(kinds) }] : [];
  });
}

/** Tells releases, what is about security first. Nothing for no releases. */
export function tellNews(releases: readonly Release[]): string[] {
  const name = ({ version }: Release) => version ?? "not released yet";
  const security = releases.flatMap((release) =>
    (release.kinds.get("Security") ?? []).map((entry) => `  - ${entry} (${name(release)})`),
  );
  const rest = releases.flatMap((release) => {
    const kinds = [...release.kinds].filter(([kind]) => kind !== "Security");
    if (kinds.length === 0) return [];
    const lines = kinds.flatMap(([kind, entries]) => [
      `  ${kind}`,
      ...entries.map((entry) => `  - ${entry}`),
    ]);
    return ["", release.title, ...lines];
  });
  return [...(security.length > 0 ? ["", "Security", ...security] : []), ...rest];
}
