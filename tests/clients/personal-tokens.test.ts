import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { expect } from "vitest";
import { requireApart } from "../support/apart.ts";
import { connectLegacy, connectModern } from "../support/connect.ts";
import { inspectorEnvironment, requireInspector } from "../support/inspector.ts";
import { SseStream } from "../support/mcp-by-hand.ts";
import { startMcpRemote } from "../support/mcp-remote.ts";
import { environmentWithoutBrowser } from "../support/no-browser.ts";
import { OAuthClient } from "../support/oauth-client.ts";
import { Person } from "../support/person.ts";
import { makePersonalToken } from "../support/personal-token.ts";
import { Program } from "../support/program.ts";
import { listRoutes } from "../support/routes.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { test as base } from "../support/token-stack.ts";

/** A token by its form, which nobody has given out. */
const refused = `rmcp_${"0".repeat(36)}`;

/** Preloaded into a client that reports to its maker. */
const loopbackOnly = pathToFileURL(join(import.meta.dirname, "../support/loopback-only.ts")).href;

const test = base.extend("token", { scope: "file" }, ({ server }) =>
  makePersonalToken(server.origin, new Person("ada@tokens.example")),
);

/** Whether a client went beyond the endpoint: to metadata, or to register itself. */
function beginsLogin(routes: readonly string[]): boolean {
  return routes.some((route) => ["/.well-known", "/register", "/authorize"].includes(route));
}

test("the SDKs' clients of each protocol call with a personal token as a header", async ({
  server,
  token,
}) => {
  const { origin } = server;
  const sum = { name: "sum", arguments: { a: 2, b: 3 } };
  await using modern = await connectModern(origin, token);
  expect(await modern.callTool(sum)).toMatchObject({ structuredContent: { sum: 5 } });
  await using legacy = await connectLegacy(origin, token, "legacy");
  expect(await legacy.callTool(sum)).toMatchObject({ structuredContent: { sum: 5 } });
  const asked = { name: "For streams", endpoint: "sse" } as const;
  const ofSse = await makePersonalToken(origin, new Person("ada@tokens.example"), asked);
  await using stream = await SseStream.open(`${origin}/sse`, ofSse);
  expect(await stream.listToolNames(ofSse)).toContain("sum");
});

test("the SDKs' clients report a refused token, and start no login, where they have nobody to log in", async ({
  server,
}) => {
  const url = new URL("/mcp", server.origin);
  const requestInit = { headers: { authorization: `Bearer ${refused}` } };
  const info = { name: "job", version: "1.0.0" };
  const ways: Record<string, () => Promise<unknown>> = {
    modern: () => new ModernClient(info).connect(new ModernTransport(url, { requestInit })),
    legacy: () => new LegacyClient(info).connect(new LegacyTransport(url, { requestInit })),
  };
  for (const [way, connect] of Object.entries(ways)) {
    const routes = await listRoutes(server, () =>
      expect(connect(), way).rejects.toThrow(/personal token is not valid here/),
    );
    expect(routes, way).toEqual(["/mcp"]);
  }
});

test("a client of the SDK that can log its person in starts a login on a refused token anyway", async ({
  server,
}) => {
  const url = new URL("/mcp", server.origin);
  const oauth = new OAuthClient(new Person("ada@tokens.example"), "App");
  const requestInit = { headers: { authorization: `Bearer ${refused}` } };
  const transport = new ModernTransport(url, { requestInit, authProvider: oauth });
  const client = new ModernClient({ name: "app", version: "1.0.0" });
  const routes = await listRoutes(server, () =>
    expect(client.connect(transport)).rejects.toThrow(),
  );
  // Without resource_metadata it looks at the addresses where metadata usually is.
  expect(beginsLogin(routes)).toBe(true);
});

test("mcp-remote calls with a token as --header from a variable, and on a refused one starts a login anyway", async ({
  server,
  token,
}) => {
  await using home = await makeTempFolder();
  const url = `${server.origin}/mcp`;
  {
    const args = [url, "--header", `Authorization:\${EXAMPLE_TOKEN}`];
    const { client, connected } = startMcpRemote(args, home.path, {
      EXAMPLE_TOKEN: `Bearer ${token}`,
    });
    await using _closed = { [Symbol.asyncDispose]: () => client.close() };
    await connected;
    const sum = await client.callTool({ name: "sum", arguments: { a: 20, b: 22 } });
    expect(sum).toMatchObject({ structuredContent: { sum: 42 } });
  }
  const { client, stderr } = startMcpRemote(
    [url, "--header", `Authorization: Bearer ${refused}`],
    home.path,
  );
  await using _closed = { [Symbol.asyncDispose]: () => client.close() };
  await stderr.waitFor(/http:\S+\/authorize\?\S+/);
});

test("the Inspector's command line calls with a token as --header, and on a refused one ends with an error", async ({
  server,
  token,
  skip,
}) => {
  const program = requireInspector(skip);
  await using home = await makeTempFolder();
  const inspect = (shown: string) =>
    new Program(
      program,
      [
        ...["--cli", `${server.origin}/mcp`, "--transport", "http", "--method", "tools/list"],
        ...["--header", `Authorization: Bearer ${shown}`],
      ],
      inspectorEnvironment(home.path),
    );
  await using good = inspect(token);
  const listed = await good.end();
  expect(listed.code, listed.stderr).toBe(0);
  expect(listed.stdout).toContain('"sum"');
  await using bad = inspect(refused);
  const ended = await bad.end();
  expect(ended.code).not.toBe(0);
});

test("Gemini CLI connects with a token as a header from a variable, and with a refused one does not, and starts no login", async ({
  server,
  token,
  skip,
}) => {
  const program = requireApart(skip, "@google/gemini-cli/bundle/gemini.js");
  await using home = await makeTempFolder();
  const entry = {
    httpUrl: `${server.origin}/mcp`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Gemini CLI puts the variable in.
    headers: { Authorization: "Bearer ${EXAMPLE_TOKEN}" },
  };
  const settings = {
    mcpServers: { example: entry },
    security: { folderTrust: { enabled: false } },
    privacy: { usageStatisticsEnabled: false },
  };
  await mkdir(join(home.path, ".gemini"));
  await writeFile(join(home.path, ".gemini/settings.json"), JSON.stringify(settings));
  const look = async (shown: string): Promise<string> => {
    const environment = {
      ...environmentWithoutBrowser(home.path),
      EXAMPLE_TOKEN: shown,
      NODE_OPTIONS: `--import=${loopbackOnly}`,
    };
    // It would read settings of the folder that it runs in, too.
    await using gemini = new Program(program, ["mcp", "list"], environment, home.path);
    const { code, stdout, stderr } = await gemini.end();
    expect(code, stderr).toBe(0);
    return stripVTControlCharacters(stdout + stderr);
  };
  expect(await look(token)).toMatch(/example: .* - Connected/);
  const routes = await listRoutes(server, async () => {
    expect(await look(refused)).toMatch(/example: .* - Disconnected/);
  });
  expect(routes).toEqual(["/mcp"]);
});
