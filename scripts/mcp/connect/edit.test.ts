import { chmod, mkdtempDisposable, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ClientFile } from "./client.ts";
import { type Place, planUndo, planWrite } from "./edit.ts";

const entry = { url: "http://localhost:8787/mcp" };

/** A file: parts that are others', in order, and what of it is ours. */
interface Known {
  /** The whole text. */
  readonly text: string;
  /** What has to be there afterwards, to the byte, in this order. */
  readonly others: readonly string[];
}

const note = fc.constantFrom("", "# mine", "  # über } ] = [", "#");
const value = fc.constantFrom(
  ...[
    '"a # b"',
    "9223372036854775807",
    "0x1F",
    "1e400",
    "inf",
    "2026-05-27T07:32:00.5Z",
    "07:32:00",
  ],
  ...[
    "[ 1,\n  2, # two\n]",
    "'C:\\x'",
    '"""\none\n[two]\n"""',
    "{ a = 1, b = { c = true } }",
    "1_000",
  ],
);
const pair = (key: string) =>
  fc
    .tuple(fc.constantFrom("=", " = ", "  =\t"), value, note)
    .map((p) => `${key}${p[0]}${p[1]} ${p[2]}`);
const comments = fc.array(fc.constantFrom("# about the next", "", "#[mcp_servers.example]"), {
  maxLength: 3,
});

/** A table of somebody else, with comments above it. */
const table = (name: string) =>
  fc
    .tuple(
      comments,
      fc.constantFrom(`[${name}]`, `[ ${name} ] # head`, `[${name}.deeper]`),
      pair("url"),
      pair('"a.b"'),
    )
    .map(([above, ...lines]) => [...above, ...lines].join("\n"));

/** The entry as people and programs write it. */
const own = fc.constantFrom(
  '[mcp_servers.example]\nurl = "https://old.example" # old',
  "[mcp_servers.example]",
  '[ mcp_servers . "example" ] # here\ncommand = "npx"\n# within\nargs = [\n "x", # y\n]\n\n[mcp_servers.example.env]\nN = 9007199254740993',
  "[mcp_servers.example.env]\nN = 1",
);

const asToml: fc.Arbitrary<Known> = fc
  .record({
    top: fc
      .tuple(comments, pair("model"), pair("big"))
      .map(([above, ...p]) => [...above, ...p].join("\n")),
    before: fc
      .uniqueArray(fc.constantFrom("profiles.x", "mcp_servers.one", "mcp_servers.mathematics"), {
        maxLength: 2,
      })
      .chain((names) => fc.tuple(...names.map(table))),
    own: fc.option(own, { nil: undefined }),
    after: fc
      .uniqueArray(fc.constantFrom("zed", "mcp_servers.two", '"mcp_servers.example"'), {
        maxLength: 2,
      })
      .chain((names) => fc.tuple(...names.map(table))),
    end: fc.constantFrom("", "\n", "\n\n# the end\n", "\n# the end"),
    eol: fc.constantFrom("\n", "\r\n"),
  })
  .map(({ top, before, own: ours, after, end, eol }) => {
    const others = [top, ...before, ...after];
    const parts = [top, ...before, ...(ours === undefined ? [] : [ours]), ...after];
    const change = (text: string) => text.replaceAll("\n", eol);
    return {
      text: change(`${parts.join("\n")}${end}`),
      others: [...others, end.trim()].map(change),
    };
  });

/** Servers that are written in one line, or with dots. */
const asShortToml: fc.Arbitrary<Known> = fc
  .tuple(
    fc.constantFrom(
      ["mcp_servers = {", " one = { n = 9007199254740993 }", " }"],
      ["mcp_servers = { example = { url = 'x' },", ' one = { url = "y" }', "} # all"],
      ["mcp_servers = {", " one = { url = 'y' }", ", example.url = 'x', example.n = 2 }"],
      ["mcp_servers = { example.url = 'x',", " one.n = 1", ", example.n = 2 }"],
      ["mcp_servers = {", "}"],
      ["mcp_servers = { ", "# note", "\n}"],
      ["mcp_servers = {\n", " one = { url = 'y' } # c1\n # the last", "\n}"],
      ["mcp_servers = {\n", " one = { url = 'y' }, # c1\n # the last", "\n}"],
      [
        "mcp_servers = {\n",
        " one = { n = 1 }, # c1\n # about example",
        "\n example = { n = 2 } # ours\n}",
      ],
      ["mcp_servers = {\n", " one = { n = 1 } # c1", "\n , example = { n = 2 }\n}"],
      ["mcp_servers = {\n example = { n = 2 },", " # c1\n # about one\n one = { n = 1 }", "\n}"],
      [
        "mcp_servers = { # c0\n example.n = 2\n,",
        "# c1\n one = 1 # c2",
        "\n, example.m = 2, # c3\n}",
      ],
      ["mcp_servers = { ", "# c0", "\n example = { n = 2 },\n}"],
      [
        "mcp_servers.example.url = 'x' # ours\n",
        "mcp_servers.one.url = 'y' # theirs",
        "\nmcp_servers.example.n = 2",
      ],
      ["[mcp_servers]\n# one\n", "one = { url = 'y' } # theirs", "\nmath = { url = 'x' }"],
      ["[mcp_servers]\nmath.url = 'x'\n", "# one\none.url = 'y'", "\nmath.n = 5 # five"],
    ),
    fc.constantFrom("", "\n# the end\n", "\n\n[other]\nx = 1\n"),
  )
  .map(([[head = "", theirs = "", tail = ""], end]) => ({
    text: `# top\n${head}${theirs}${tail}${end}`,
    // Piece by piece: ours may come between two lines, or need a comma before a comment.
    others: ["# top\n", ...theirs.split(/\n ?|,? (?=#)/).map((part) => part.trim()), end.trim()],
  }));

const gap = fc.constantFrom("", " ", "\n  ", " // note\n", "\n/* a } , */", "\r\n    ");
const json = fc.constantFrom(
  ...[
    "9007199254740993",
    "1.0",
    "1e400",
    '"a // b"',
    "[1,\n 2]",
    '{"example": {"n": 1e2}}',
    '"\\u00fc"',
    "null",
  ],
);

const asJson: fc.Arbitrary<Known> = fc
  .record({
    head: fc.tuple(gap, json).map(([space, each]) => `{${space}"other": ${each},`),
    gaps: fc.array(gap, { minLength: 4, maxLength: 4 }),
    before: fc.array(fc.tuple(gap, json), { maxLength: 2 }),
    own: fc.option(fc.constantFrom('{"url": "x"}', '{\n  "n": 9007199254740993 // n\n}', "7"), {
      nil: undefined,
    }),
    after: fc.array(fc.tuple(gap, json), { maxLength: 2 }),
    comma: fc.boolean(),
    last: json,
  })
  .map(({ head, gaps: [one, two, three, four], before, own: ours, after, comma, last }) => {
    const write = (sign: string) => (all: [string, string][]) =>
      all.map(([space, each], index) => `"${sign}${index}":${space}${each}`);
    const others = [...write("a")(before), ...write("b")(after)];
    const pairs = [
      ...write("a")(before),
      ...(ours === undefined ? [] : [`"example": ${ours}`]),
      ...write("b")(after),
    ];
    const end = comma && pairs.length > 0 ? "," : "";
    const tail = `"last": ${last}${four}}${two}`;
    return {
      text: `${head}${one}"mcpServers":${two}{${three}${pairs.join(`,${one}`)}${end}${four}},${three}${tail}`,
      others: [head, ...others, tail],
    };
  });

/** Every part, whole and in order. */
function expectAll(text: string, others: readonly string[]): void {
  let at = 0;
  for (const part of others) {
    const found = text.indexOf(part, at);
    expect(found, `${JSON.stringify(part)} in order in\n${text}`).toBeGreaterThanOrEqual(at);
    at = found + part.length;
  }
}

/** Whether one text becomes the other by adding alone. */
function isWithin(text: string, longer: string): boolean {
  let at = 0;
  for (const letter of longer) if (letter === text[at]) at += 1;
  return at === text.length;
}

const formats: [
  format: string,
  file: Pick<ClientFile, "format" | "section">,
  known: fc.Arbitrary<Known>,
][] = [
  ["JSON with comments", { format: "jsonc", section: "mcpServers" }, asJson],
  ["TOML", { format: "toml", section: "mcp_servers" }, asToml],
  ["TOML in one line", { format: "toml", section: "mcp_servers" }, asShortToml],
];

test.each(formats)(
  "%s: whatever a file looks like, every byte outside of the entry stays, and --undo gives back all of them",
  async (_name, { format, section }, known) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "edit-"));
    const path = join(folder.path, "config");
    const place: Place = {
      file: { format, section, createEntry: () => entry },
      path,
      name: "example",
    };
    await fc.assert(
      fc.asyncProperty(known, fc.boolean(), async ({ text, others }, isMarked) => {
        const bytes = `${isMarked ? "\ufeff" : ""}${text}`;
        await writeFile(path, bytes);
        const edit = await planWrite(place, entry);
        await edit.carryOut();
        const written = await readFile(path, "utf8");
        expectAll(written, others);
        if (!edit.replaces) expect(isWithin(bytes, written), written).toBe(true);

        // With an edit since: only the entry goes, or is again what it was.
        const since = `${written}${format === "toml" ? "\n# since\n" : "\n// since\n"}`;
        await writeFile(path, since);
        await (await planUndo(place)).carryOut();
        const undone = await readFile(path, "utf8");
        expectAll(undone, [...others, "since"]);
        expect(undone).not.toContain(entry.url);
        if (edit.replaces) expect((await planWrite(place, entry)).replaces).toBe(true);

        await writeFile(path, bytes);
        await (await planWrite(place, entry)).carryOut();
        await (await planUndo(place)).carryOut();
        expect(await readFile(path, "utf8")).toBe(bytes);
        expect(await readdir(folder.path)).toEqual(["config"]);
      }),
      { numRuns: process.env.SOAK ? 2_000 : 100 },
    );
  },
  process.env.SOAK ? 600_000 : 120_000,
);

test("a read-only file is left alone with words, and nothing lies beside it", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "edit-"));
  const path = join(folder.path, "config.toml");
  const file: ClientFile = { format: "toml", section: "mcp_servers", createEntry: () => entry };
  const place: Place = { file, path, name: "example" };
  await writeFile(path, "a = 1\n");
  await chmod(path, 0o444);
  await expect(planWrite(place, entry)).rejects.toThrow(/read-only, and was left alone.*dotfiles/);
  expect(await readdir(folder.path)).toEqual(["config.toml"]);
  // What is written and then made read-only is not taken back either.
  await chmod(path, 0o644);
  await (await planWrite(place, entry)).carryOut();
  await chmod(path, 0o444);
  await expect(planUndo(place)).rejects.toThrow(/read-only/);
  await chmod(path, 0o644);
  await (await planUndo(place)).carryOut();
  expect(await readFile(path, "utf8")).toBe("a = 1\n");
  await rm(path);
});
