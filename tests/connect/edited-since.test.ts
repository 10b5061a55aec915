import { mkdir, open, readlink, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { Home } from "./home.ts";

const others = `{
  "mcpServers": {
    "linear": { "url": "https://mcp.linear.app/mcp" }
  }
}
`;

const own = `{
  "mcpServers": {
    "example": {
      "url": "https://mcp.example.org/mcp", // mine
      "headers": { "X-Team": "shop" }
    },
    "linear": { "url": "https://mcp.linear.app/mcp" }
  }
}
`;

/** A person's `mcp.json` of Cursor. */
async function start(text: string) {
  const home = await Home.make();
  const file = await home.fileOf("cursor");
  await home.put(file, text);
  return { home, file };
}

test("an entry of the same name is replaced only with --yes, and --undo brings it back to the byte", async () => {
  const { home, file } = await start(own);
  await using _home = home;
  const url = ["--url", "http://localhost:8787"];
  const refused = await home.connect("cursor", "--write", ...url);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /another "example" already, and nothing was written.*--yes.*--name/,
  );
  expect(refused.stdout).toMatch(/^-.*mcp\.example\.org/m);
  expect(await home.connect("cursor", "--write", "--json", ...url)).toMatchObject({
    code: 1,
    stdout: "",
  });
  expect(await home.read(file)).toBe(own);
  expect(await home.list(dirname(file))).toEqual(["mcp.json"]);

  await home.connected("cursor", "--write", "--yes");
  expect(await home.read(file)).toBe(`{
  "mcpServers": {
    "example": {
      "url": "http://localhost:8787/mcp"
    },
    "linear": { "url": "https://mcp.linear.app/mcp" }
  }
}
`);
  await home.connected("cursor", "--undo");
  expect(await home.read(file)).toBe(own);
});

test("what a person added since the entry was written stays when it is taken back", async () => {
  const { home, file } = await start(others);
  await using _home = home;
  await home.connected("cursor", "--write");
  const written = (await home.read(file)) ?? "";
  await home.put(
    file,
    written.replace(
      '"mcpServers": {',
      '// the team\'s\n  "mcpServers": {\n    "sentry": { "url": "https://mcp.sentry.dev/mcp" },',
    ),
  );
  await home.connected("cursor", "--undo");
  expect(await home.read(file)).toBe(`{
  // the team's
  "mcpServers": {
    "sentry": { "url": "https://mcp.sentry.dev/mcp" },
    "linear": { "url": "https://mcp.linear.app/mcp" }
  }
}
`);
});

test("an entry that was replaced comes back into a file that was edited since", async () => {
  const { home, file } = await start(own);
  await using _home = home;
  await home.connected("cursor", "--write", "--yes");
  const written = (await home.read(file)) ?? "";
  await home.put(file, written.replace("linear.app", "linear.example"));
  await home.connected("cursor", "--undo");
  // With its comment, too: it is copied, not written anew.
  expect(await home.read(file)).toBe(own.replace("linear.app", "linear.example"));
});

test("after a second server took the first one's place, --undo goes back to before both", async () => {
  const { home, file } = await start(others);
  await using _home = home;
  await home.connected("cursor", "--write");
  const second = await home.connect(
    ...["cursor", "--write", "--yes", "--url", "https://mcp.example.workers.dev"],
  );
  expect(second).toMatchObject({ code: 0, stderr: "" });
  expect(await home.read(file)).toContain("https://mcp.example.workers.dev/mcp");
  await home.connected("cursor", "--undo");
  expect(await home.read(file)).toBe(others);
});

test("two servers of different names come and go one by one", async () => {
  const { home, file } = await start(others);
  await using _home = home;
  await home.connected("cursor", "--write");
  await home.connected("cursor", "--write", "--name", "example-two");
  expect(await home.list(dirname(file))).toEqual([
    "mcp.json",
    "mcp.json.example-two.bak",
    "mcp.json.example.bak",
  ]);
  await home.connected("cursor", "--undo");
  expect(await home.read(file)).not.toMatch(/"example":/);
  await home.connected("cursor", "--undo", "--name", "example-two");
  expect(await home.read(file)).toBe(others);
  expect(await home.list(dirname(file))).toEqual(["mcp.json"]);
});

test("an entry taken out by hand and written anew is undone to the file of then", async () => {
  const { home, file } = await start(own);
  await using _home = home;
  await home.connected("cursor", "--write", "--yes");
  // Not what was replaced: the person wanted that away.
  await home.put(file, others);
  await home.connected("cursor", "--write");
  await home.connected("cursor", "--undo");
  expect(await home.read(file)).toBe(others);
});

test("a link to a file elsewhere stays a link", async () => {
  await using home = await Home.make();
  const file = await home.fileOf("cursor");
  const dotfiles = join(home.path, "dotfiles", "cursor.json");
  await home.put(dotfiles, others);
  await home.put(join(dirname(file), "other.json"), "{}");
  await symlink(dotfiles, file);
  await home.connected("cursor", "--write");
  expect((await home.describe(file)).isLink).toBe(true);
  expect(await readlink(file)).toBe(dotfiles);
  expect(await home.read(dotfiles)).toContain("localhost:8787/mcp");
  await home.connected("cursor", "--undo");
  expect(await home.read(dotfiles)).toBe(others);
});

test("a link to a file that is not there yet is written through, and so is one of a folder above it", async () => {
  await using home = await Home.make();
  const dotfiles = join(home.path, "dotfiles");
  for (const isFolder of [false, true]) {
    const file = await home.fileOf(isFolder ? "codex" : "cursor");
    const target = join(dotfiles, isFolder ? "codex/config.toml" : "cursor/mcp.json");
    const [link, to] = isFolder ? [dirname(file), dirname(target)] : [file, target];
    await mkdir(dirname(link), { recursive: true });
    // As GNU Stow makes them: relative to the folder of the link.
    await symlink(relative(dirname(link), to), link);
    const client = isFolder ? "codex" : "cursor";
    expect(await home.connected(client, "--write")).toContain(target);
    expect((await home.describe(link)).isLink).toBe(true);
    expect(await home.read(target)).toContain("localhost:8787/mcp");
    await home.connected(client, "--undo");
    expect((await home.describe(link)).isLink).toBe(true);
    expect(await home.read(target)).toBeUndefined();
    expect(await home.list(dirname(target))).toEqual([]);
  }
});

test("a client that reads the file at that very moment reads all of it as it was", async () => {
  const { home, file } = await start(others);
  await using _home = home;
  await using reading = await open(file);
  await home.connected("cursor", "--write");
  expect(await reading.readFile("utf8")).toBe(others);
  expect(await home.list(dirname(file))).toEqual(["mcp.json", "mcp.json.example.bak"]);
});

test("--project takes the file of a project, and leaves the person's own alone", async () => {
  await using home = await Home.make();
  const folder = join(home.path, "work");
  await home.connected("vscode", "--project", folder, "--write");
  const file = join(folder, ".vscode", "mcp.json");
  expect(await home.read(file)).toContain("localhost:8787/mcp");
  expect(await home.read(await home.fileOf("vscode"))).toBeUndefined();
  await home.connected("vscode", "--project", folder, "--undo");
  expect(await home.read(file)).toBeUndefined();
});
