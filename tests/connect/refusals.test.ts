import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { Home } from "./home.ts";

const url = ["--url", "http://localhost:8787"];

const broken: [client: string, what: string, text: string, said: RegExp][] = [
  [
    "cursor",
    "a comma that is missing",
    '{\n  "a": 1\n  "b": 2\n}\n',
    /mcp\.json:3:3: comma expected/,
  ],
  [
    "cursor",
    "an end that is missing",
    '{\n  "mcpServers": {',
    /mcp\.json:2:18: close brace expected/,
  ],
  ["cursor", "a list", "[]\n", /mcp\.json:1:1: the file is not an object/],
  ["cursor", "a list for servers", '{\n  "mcpServers": []\n}\n', /mcp\.json:2:4: .*not a table/],
  [
    "codex",
    "a key given twice",
    'model = "a"\nmodel = "b"\n',
    /config\.toml:2:1: .*key multiple times/i,
  ],
  ["codex", "a value that is missing", "[mcp_servers.a]\nurl =\n", /config\.toml:[23]:\d+: /],
  ["codex", "a text for servers", 'mcp_servers = "none"\n', /config\.toml:1:1: .*not a table/],
];

test.each(broken)(
  "%s: a file with %s is left alone, and the place is named",
  async (id, _what, text, said) => {
    await using home = await Home.make();
    const file = await home.fileOf(id);
    await home.put(file, text);
    const { code, stdout, stderr } = await home.connect(id, "--write", "--yes", ...url);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(said);
    expect(stderr).toContain(file);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await home.read(file)).toBe(text);
    expect(await home.list(dirname(file))).toHaveLength(1);
  },
);

test("a file that is not UTF-8, and a folder in its place, are left alone", async () => {
  await using home = await Home.make();
  const file = await home.fileOf("cursor");
  await home.put(file, "");
  await writeFile(file, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
  const latin = await home.connect("cursor", "--write", ...url);
  expect(latin).toMatchObject({ code: 1, stderr: expect.stringMatching(/not UTF-8/) });

  const other = await home.fileOf("windsurf");
  await home.put(`${other}/x`, "");
  const folder = await home.connect("windsurf", "--write", ...url);
  expect(folder).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/EISDIR.*left as it was/),
  });
});

test("--undo says so where nothing was written", async () => {
  await using home = await Home.make();
  const { code, stderr } = await home.connect("cursor", "--undo");
  expect(code).toBe(1);
  expect(stderr).toMatch(/nothing to undo.*--stack, --url, --name or --project/);
});

test("a client in somebody's cloud is told that it does not reach this machine, and has its steps otherwise", async () => {
  await using home = await Home.make();
  for (const id of ["claude.ai", "chatgpt"]) {
    const local = await home.connect(id, ...url);
    expect(local).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/calls from the Internet/),
    });
    const { code, stdout } = await home.connect(id, "--url", "https://mcp.example.workers.dev/");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}\d\. .*https:\/\/mcp\.example\.workers\.dev\/mcp$/m);
  }
});

const wrong: [args: string[], said: RegExp][] = [
  [["nosuch"], /Allowed choices are claude-desktop, /],
  [["cursor", "more"], /too many arguments/],
  [["--write"], /Which client\?/],
  [["cursor", "--write", "--undo"], /cannot be used with/],
  [["cursor", "--stack", "prod", "--url", "http://localhost:8787"], /cannot be used with/],
  [["cursor", "--url", ""], /The value is empty/],
  [["cursor", "--transport", "stdio"], /Allowed choices are http, sse/],
  [["codex", "--transport", "sse", ...url], /Codex does not speak sse\. It speaks http/],
  [["cursor", "--transport", "sse", "--url", "http://localhost:8787/mcp"], /not what \/mcp speaks/],
  [["cursor", "--url", "http://localhost:8787/other"], /endpoints at \/mcp and \/sse/],
  [["cursor", "--name", "a b", ...url], /"a b" is not a name/],
  [["chatgpt", "--write", ...url], /ChatGPT has no configuration file/],
  [["windsurf", "--project", ".", ...url], /Windsurf has no file in a project/],
];

test.each(wrong)("connect %j is wrong usage", async (args, said) => {
  await using home = await Home.make();
  const { code, stdout, stderr } = await home.connectAlone(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(said);
  expect(stderr).not.toMatch(/^\s+at /m);
});
