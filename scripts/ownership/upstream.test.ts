import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { formatUpstream, readUpstream, upstreamFile, writeUpstream } from "./upstream.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const upstream = { from: "https://example.com/server.git", version: "1.0.0", commit };

test("what a server was made from is read as it was written", async () => {
  await using folder = await makeTempFolder();
  expect(await readUpstream(folder.path)).toBeUndefined();
  await writeUpstream(folder.path, upstream);
  expect(await readUpstream(folder.path)).toEqual(upstream);
  await writeUpstream(folder.path, { from: "../server", version: "1.1.0-rc.1" });
  expect(await readUpstream(folder.path)).toEqual({ from: "../server", version: "1.1.0-rc.1" });
});

test("a file that does not say it is refused with the place", async () => {
  await using folder = await makeTempFolder();
  for (const [text, problem] of [
    ["{", /is not JSON/],
    [JSON.stringify({ ...upstream, commit: "main" }), /40 hexadecimal digits/],
    [JSON.stringify({ ...upstream, version: "next" }), /a version is like 1\.0\.0/],
    [JSON.stringify({ version: "1.0.0" }), /from/],
  ] as const) {
    await writeFile(join(folder.path, upstreamFile), text);
    await expect(readUpstream(folder.path)).rejects.toThrow(problem);
  }
});

test("an address that git would misread, or that holds a password, is not recorded", () => {
  for (const from of ["git@example.com:a/b.git", "ssh://git@example.com/a", "C:\\server", "/a/b"]) {
    expect(formatUpstream({ ...upstream, from })).toContain(JSON.stringify(from));
  }
  for (const [from, problem] of [
    ["", /empty/],
    ["a\nb", /no one line/],
    ["--upload-pack=touch a", /an option/],
    ["ext::sh -c true", /a program/],
    ["https://ada:secret@example.com/a.git", /credential helper/],
  ] as const) {
    expect(() => formatUpstream({ ...upstream, from }), from).toThrow(problem);
  }
});
