import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { listNews, parseChangelog, tellNews } from "./changelog.ts";

const older = "# Changelog\n\n## [1.0.0] - 2026-11-30\n\n### Added\n\n- A server.\n";
const newer = `# Changelog

## [Unreleased]

### Fixed

- Not yet.

## [1.1.0] - 2026-12-24

### Added

- A view.

### Security

- A hole,
  in two lines.

### Removed

## [1.0.0] - 2026-11-30

### Added

- A server.
- Told later.
`;

test("what is new is told by release, security first", () => {
  expect(tellNews(listNews(older, newer))).toEqual([
    "",
    "Security",
    "  - A hole, in two lines. (1.1.0)",
    "",
    "Unreleased",
    "  Fixed",
    "  - Not yet.",
    "",
    "1.1.0 - 2026-12-24",
    "  Added",
    "  - A view.",
    "",
    "1.0.0 - 2026-11-30",
    "  Added",
    "  - Told later.",
  ]);
  expect(tellNews(listNews(newer, newer))).toEqual([]);
  expect(listNews("", older)).toEqual(parseChangelog(older));
});

test("this project's changelog has the version of the package, and names security first", async () => {
  const read = (file: string) => readFile(join(projectRoot, file), "utf8");
  const releases = parseChangelog(await read("CHANGELOG.md"));
  const kinds = ["Security", "Added", "Changed", "Deprecated", "Removed", "Fixed"];
  const released = releases.filter(({ version }) => version !== undefined);
  expect(released.length).toBeGreaterThan(0);
  for (const release of releases) {
    const names = [...release.kinds.keys()];
    expect(names, release.title).toEqual(kinds.filter((kind) => names.includes(kind)));
  }
  // Right after a release, nothing is unreleased.
  for (const { title, kinds: entries } of released) {
    expect(title).toMatch(/^\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}$/);
    expect(entries.size, title).toBeGreaterThan(0);
  }
  // A server made from this project has a version of its own, and records that of this project.
  const { name, version } = JSON.parse(await read("package.json"));
  const record = await read(".upstream.json").catch(() => undefined);
  const expected = record === undefined ? version : JSON.parse(record).version;
  if (record !== undefined || name === "remote-mcp-server") {
    expect(released[0]?.version).toBe(expected);
  }
});
