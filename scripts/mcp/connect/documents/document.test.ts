import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigDocument, SyntaxFault } from "./document.ts";
import { jsonc } from "./jsonc.ts";
import { toml } from "./toml.ts";

const entry = { url: "http://localhost:8787/mcp" };

function openJson(text: string, name = "example") {
  return new ConfigDocument(jsonc, "mcpServers", name, text);
}

/** Comments and spaces, as they may stand between two tokens. */
const gap = fc.constantFrom(
  "",
  " ",
  "\n",
  "\n\t",
  "\n  ",
  " // note\n",
  "\n/* a } , */",
  "\r\n    ",
);

/** An object of servers with gaps and perhaps a comma too many. */
const servers = fc
  .tuple(
    fc.uniqueArray(
      fc.tuple(fc.constantFrom("example", "a", "b-c", "$1"), fc.jsonValue(), gap, gap),
      {
        selector: ([name]) => name,
      },
    ),
    gap,
    fc.boolean(),
  )
  .map(([properties, end, hasComma]) => {
    const written = properties.map(
      ([name, value, before, after]) =>
        `${before}${JSON.stringify(name)}:${after}${JSON.stringify(value)}${after}`,
    );
    return `{${written.join(",")}${hasComma && written.length > 0 ? "," : ""}${end}}`;
  });

const file = fc
  .tuple(servers, gap, gap, fc.boolean())
  .map(([section, before, after, isAlone]) =>
    isAlone
      ? `${before}{${before}"mcpServers":${section}${after}}${after}`
      : `${before}{"other": [1, 2],${before}"mcpServers":${after}${section}, "last": null${after}}`,
  );

const comment = /\/\/ note|\/\* a \} , \*\//g;

test("whatever a file of JSON looks like, an entry comes and goes with every comment and value in place", () => {
  fc.assert(
    fc.property(file, (text) => {
      const document = openJson(text);
      // That nothing else changes is checked by the document itself.
      const added = document.withEntry(entry);
      expect(openJson(added).has(entry)).toBe(true);
      const isOwn = document.entry === undefined;
      if (isOwn) expect(added.match(comment)).toEqual(text.match(comment));
      if (isOwn) expect(added.length).toBeGreaterThan(text.length);
      const removed = openJson(added).withEntry(undefined);
      expect(openJson(removed).entry).toBeUndefined();
      if (isOwn) expect(removed.match(comment)).toEqual(text.match(comment));
    }),
    { numRuns: process.env.SOAK ? 20_000 : 500 },
  );
});

test.each([
  ['{"mcpServers": {}}', '{"mcpServers": {"example": { "url": "http://localhost:8787/mcp" }}}'],
  ["{}", '{"mcpServers":{"example":{"url":"http://localhost:8787/mcp"}}}'],
  [
    '{\n\t"mcpServers": {}\n}\n',
    '{\n\t"mcpServers": {\n\t\t"example": {\n\t\t\t"url": "http://localhost:8787/mcp"\n\t\t}\n\t}\n}\n',
  ],
  [
    '{\n  "mcpServers": { "a": {} }\n}\n',
    '{\n  "mcpServers": { "a": {}, "example": { "url": "http://localhost:8787/mcp" } }\n}\n',
  ],
  [
    "",
    '{\n  "mcpServers": {\n    "example": {\n      "url": "http://localhost:8787/mcp"\n    }\n  }\n}\n',
  ],
])("%j is laid out as it was", (before, after) => {
  expect(openJson(before).withEntry(entry)).toBe(after);
});

test("a table of TOML comes last and goes with no comment of another", () => {
  const before = `# mine
model = "a"

[mcp_servers.one] # first
url = "https://one.example/mcp"

# about two
[mcp_servers.two]
url = "https://two.example/mcp"
# the end
`;
  const open = (text: string) => new ConfigDocument(toml, "mcp_servers", "example-a", text);
  const added = open(before).withEntry(entry);
  expect(added).toBe(`${before}\n[mcp_servers.example-a]\nurl = "http://localhost:8787/mcp"\n`);
  expect(open(added).withEntry(undefined).trimEnd()).toBe(before.trimEnd());
  const later = `${added}\n# about three\n[mcp_servers.three]\nurl = "https://three.example/mcp"\n`;
  expect(open(later).withEntry(undefined)).toBe(
    `${before}\n# about three\n[mcp_servers.three]\nurl = "https://three.example/mcp"\n`,
  );
  const moved = open(added).withEntry({ url: "https://new.example/mcp" });
  expect(moved).toBe(added.replace("http://localhost:8787", "https://new.example"));
});

test("a table of TOML joins others that are written in one line", () => {
  const before = 'mcp_servers = { one = { url = "https://one.example/mcp" } }\n';
  const open = (text: string) => new ConfigDocument(toml, "mcp_servers", "example", text);
  const added = open(before).withEntry(entry);
  expect(open(added).has(entry)).toBe(true);
  expect(open(open(added).withEntry(undefined)).entry).toBeUndefined();
});

test("a place in a file is counted from 1, with the line ends of Windows as well", () => {
  expect.assertions(2);
  try {
    openJson('{\r\n  "a": 1\r\n  "b": 2\r\n}');
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxFault);
    expect(error).toMatchObject({ line: 3, column: 3 });
  }
});
