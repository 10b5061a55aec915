import { dirname } from "node:path";
import { expect, test } from "vitest";
import { clients } from "../../scripts/mcp/connect/clients/index.ts";
import { knownFiles } from "./files.ts";
import { Home } from "./home.ts";

const withFile = clients.filter(({ file }) => file !== undefined).map(({ id }) => id);

test("every client that has a file is tried with a known one", () => {
  expect(Object.keys(knownFiles).toSorted()).toEqual(withFile.toSorted());
});

for (const [id, { before, after }] of Object.entries(knownFiles)) {
  test(`${id}: an entry joins the others, which stay as they are, and --undo gives back the same bytes`, async () => {
    await using home = await Home.make();
    const file = await home.fileOf(id);
    await home.put(file, before, 0o600);

    const shown = await home.connected(id);
    expect(shown).toContain(file);
    expect(await home.read(file)).toBe(before);

    const said = await home.connected(id, "--write");
    expect(await home.read(file)).toBe(after);
    expect((await home.describe(file)).mode).toBe(0o600);
    expect(said).toMatch(/^\+.*example/m);
    expect(said).not.toMatch(/ghp_|ctx7sk/);
    expect(await home.read(`${file}.example.bak`)).toBe(before);
    expect((await home.describe(`${file}.example.bak`)).mode).toBe(0o600);

    expect(await home.connected(id, "--write")).toMatch(/Nothing to change/);
    expect(await home.read(file)).toBe(after);

    await home.connected(id, "--undo");
    expect(await home.read(file)).toBe(before);
    expect((await home.describe(file)).mode).toBe(0o600);
    expect((await home.list(dirname(file))).filter((name) => name.includes("example"))).toEqual([]);
  });

  test(`${id}: without a file one is made, with its folders, and --undo removes it`, async () => {
    await using home = await Home.make();
    const file = await home.fileOf(id);
    // A project's own file lies beside others; any other folder is made with the file.
    const others = await home.list(dirname(file)).catch(() => []);
    await home.connected(id, "--write");
    const made = await home.read(file);
    expect(made).toMatch(/example[\s\S]*localhost:8787\/[\s\S]*\n$/);
    expect(await home.connected(id, "--write")).toMatch(/Nothing to change/);
    await home.connected(id, "--undo");
    expect(await home.list(dirname(file))).toEqual(others);
  });
}

/** What each file names in place of a token. */
const tokenPlaces = {
  "claude-desktop": `Authorization:\${EXAMPLE_TOKEN}`,
  "claude-code": `Bearer \${EXAMPLE_TOKEN}`,
  cursor: `Bearer \${env:EXAMPLE_TOKEN}`,
  vscode: `Bearer \${input:example-token}`,
  codex: 'bearer_token_env_var = "EXAMPLE_TOKEN"',
  windsurf: `Bearer \${env:EXAMPLE_TOKEN}`,
  gemini: `Bearer \${EXAMPLE_TOKEN}`,
};

for (const [id, place] of Object.entries(tokenPlaces)) {
  test(`${id}: with --token the entry names where the token is, and --undo gives back the same bytes`, async () => {
    await using home = await Home.make();
    const file = await home.fileOf(id);
    const before = knownFiles[id]?.before ?? "";
    await home.put(file, before, 0o600);
    const shown = await home.connected(id, "--token");
    expect(shown).toContain("/connections");
    expect(await home.connected(id, "--token", "--write")).toMatch(/^\+.*example/m);
    const written = (await home.read(file)) ?? "";
    expect(written).toContain(place);
    if (id === "vscode") expect(written).toContain('"promptString"');
    expect(await home.connected(id, "--token", "--write")).toMatch(/Nothing to change/);
    // What else was written to the file since stays.
    await home.put(file, `${written}\n`, 0o600);
    await home.connected(id, "--undo");
    expect((await home.read(file))?.trim()).not.toContain("EXAMPLE_TOKEN");
    expect(await home.read(file)).not.toContain("example-token");

    await home.put(file, before, 0o600);
    await home.connected(id, "--token", "--write");
    await home.connected(id, "--undo");
    expect(await home.read(file)).toBe(before);
  });
}
