import { expect } from "vitest";
import { startMcpRemote } from "../support/mcp-remote.ts";
import { Person } from "../support/person.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { test } from "../support/test.ts";
import { toolNames } from "../support/tool-names.ts";

const setups = [
  { path: "/sse", args: [] },
  { path: "/sse", args: ["--transport", "sse-only"] },
  { path: "/mcp", args: [] },
];

for (const { path, args } of setups) {
  const command = ["mcp-remote", path, ...args].join(" ");
  test(`"${command}" logs in once and bridges the tools to a stdio client`, async ({ server }) => {
    await using home = await makeTempFolder();
    const start = () => startMcpRemote([`${server.origin}${path}`, ...args], home.path);
    const countLogins = () =>
      server.requests.filter((line) => line.includes('"event":"sign-in"')).length;
    const loginsBefore = countLogins();

    {
      const { client, connected, stderr } = start();
      await using _closed = { [Symbol.asyncDispose]: () => client.close() };
      const [authorizeUrl] = await stderr.waitFor(/http:\S+\/authorize\?\S+/);
      const person = new Person("claude@example.com");
      await person.authorize(authorizeUrl, { followToClient: true });
      await connected;
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(toolNames);
      const sum = await client.callTool({ name: "sum", arguments: { a: 20, b: 22 } });
      expect(sum).toMatchObject({ structuredContent: { sum: 42 }, content: [{ text: "42" }] });
      const me = await client.callTool({ name: "whoami", arguments: {} });
      expect(me).toMatchObject({ structuredContent: { email: "claude@example.com" } });
    }
    expect(countLogins()).toBe(loginsBefore + 1);

    {
      const { client, connected, stderr } = start();
      await using _closed = { [Symbol.asyncDispose]: () => client.close() };
      await connected;
      const sum = await client.callTool({ name: "sum", arguments: { a: 1, b: 1 } });
      expect(sum).toMatchObject({ structuredContent: { sum: 2 } });
      expect(stderr.text).not.toContain("/authorize");
    }
    expect(countLogins()).toBe(loginsBefore + 1);
  });
}
