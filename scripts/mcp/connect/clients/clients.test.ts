import { expect, test } from "vitest";
import type { ConnectClient, Target, Transport } from "../client.ts";
import type { Machine } from "../machine.ts";
import { clients } from "./index.ts";

const mac: Machine = { platform: "darwin", home: "/Users/ada", env: {} };
const windows: Machine = {
  platform: "win32",
  home: "C:\\Users\\ada",
  env: { APPDATA: "C:\\Users\\ada\\AppData\\Roaming" },
};
const linux: Machine = { platform: "linux", home: "/home/ada", env: {} };

function find(id: string): ConnectClient {
  const found = clients.find((client) => client.id === id);
  if (found === undefined) throw new Error(`There is no client ${id}.`);
  return found;
}

function target(transport: Transport, name = "example"): Target {
  const origin = "https://mcp.example.workers.dev";
  return { name, origin, transport, url: `${origin}/${transport === "http" ? "mcp" : "sse"}` };
}

/** Where each client's file is. `~` stands for the home. */
const paths = {
  "claude-desktop": [
    "/Users/ada/Library/Application Support/Claude/claude_desktop_config.json",
    "C:\\Users\\ada\\AppData\\Roaming\\Claude\\claude_desktop_config.json",
    "/home/ada/.config/Claude/claude_desktop_config.json",
  ],
  cursor: [
    "/Users/ada/.cursor/mcp.json",
    "C:\\Users\\ada\\.cursor\\mcp.json",
    "/home/ada/.cursor/mcp.json",
  ],
  vscode: [
    "/Users/ada/Library/Application Support/Code/User/mcp.json",
    "C:\\Users\\ada\\AppData\\Roaming\\Code\\User\\mcp.json",
    "/home/ada/.config/Code/User/mcp.json",
  ],
  codex: [
    "/Users/ada/.codex/config.toml",
    "C:\\Users\\ada\\.codex\\config.toml",
    "/home/ada/.codex/config.toml",
  ],
  windsurf: [
    "/Users/ada/.codeium/windsurf/mcp_config.json",
    "C:\\Users\\ada\\.codeium\\windsurf\\mcp_config.json",
    "/home/ada/.codeium/windsurf/mcp_config.json",
  ],
  zed: [
    "/Users/ada/.config/zed/settings.json",
    "C:\\Users\\ada\\AppData\\Roaming\\Zed\\settings.json",
    "/home/ada/.config/zed/settings.json",
  ],
  gemini: [
    "/Users/ada/.gemini/settings.json",
    "C:\\Users\\ada\\.gemini\\settings.json",
    "/home/ada/.gemini/settings.json",
  ],
  inspector: [
    "/Users/ada/.mcp-inspector/mcp.json",
    "C:\\Users\\ada\\.mcp-inspector\\mcp.json",
    "/home/ada/.mcp-inspector/mcp.json",
  ],
} satisfies Record<string, [string, string, string]>;

test("every client's own file is where the client looks for it, on each system", () => {
  const found = clients.flatMap(({ id, file }) =>
    file?.user ? [[id, [mac, windows, linux].map(file.user)]] : [],
  );
  expect(Object.fromEntries(found)).toEqual(paths);
});

test("variables that move a file are followed", () => {
  const moved: Machine = {
    ...linux,
    env: {
      XDG_CONFIG_HOME: "/etc/ada",
      CODEX_HOME: "/srv/codex",
      MCP_CATALOG_PATH: "/srv/servers.json",
    },
  };
  const at = (id: string, machine: Machine) => find(id).file?.user?.(machine);
  expect(at("zed", moved)).toBe("/etc/ada/zed/settings.json");
  expect(at("claude-desktop", moved)).toBe("/etc/ada/Claude/claude_desktop_config.json");
  expect(at("codex", moved)).toBe("/srv/codex/config.toml");
  expect(at("inspector", moved)).toBe("/srv/servers.json");
  // A relative XDG_CONFIG_HOME is invalid (XDG Base Directory Specification).
  const odd: Machine = { ...linux, env: { XDG_CONFIG_HOME: "settings" } };
  expect(at("zed", odd)).toBe("/home/ada/.config/zed/settings.json");
  expect(at("vscode", { ...windows, env: {} })).toBe(
    "C:\\Users\\ada\\AppData\\Roaming\\Code\\User\\mcp.json",
  );
});

test("each entry has the shape that its client reads", () => {
  const entries = clients.flatMap(({ id, file, transports }) =>
    file
      ? transports.map((transport) => [
          `${id} ${transport}`,
          file.createEntry(target(transport), linux),
        ])
      : [],
  );
  const [mcp, sse] = [target("http").url, target("sse").url];
  expect(Object.fromEntries(entries)).toEqual({
    "claude-desktop sse": { command: "npx", args: ["mcp-remote", sse] },
    "claude-desktop http": { command: "npx", args: ["mcp-remote", mcp] },
    "claude-code http": { type: "http", url: mcp },
    "claude-code sse": { type: "sse", url: sse },
    "cursor http": { url: mcp },
    "cursor sse": { url: sse },
    "vscode http": { type: "http", url: mcp },
    "vscode sse": { type: "sse", url: sse },
    "codex http": { url: mcp },
    "windsurf http": { serverUrl: mcp },
    "windsurf sse": { serverUrl: sse },
    "zed http": { url: mcp },
    "gemini http": { httpUrl: mcp },
    "gemini sse": { url: sse },
    "inspector http": { type: "streamable-http", url: mcp },
    "inspector sse": { type: "sse", url: sse },
  });
});

test("on Windows, what is started is a program that Windows starts: npx is a file of cmd.exe's", () => {
  for (const { file, transports } of clients) {
    const [transport] = transports;
    const { command, args } = file?.createEntry(target(transport), windows) ?? {};
    if (command === undefined) continue;
    expect({ command, args }).toEqual({
      command: "cmd",
      args: ["/c", "npx", "mcp-remote", target(transport).url],
    });
  }
  expect.hasAssertions();
});

test("Cursor's link and VS Code's line hold the same as their files", () => {
  const [link] = find("cursor").listOtherWays?.(target("http", "example-prod")) ?? [];
  const { protocol, host, pathname, searchParams } = new URL(link?.line ?? "");
  expect(`${protocol}//${host}${pathname}`).toBe("cursor://anysphere.cursor-deeplink/mcp/install");
  expect(searchParams.get("name")).toBe("example-prod");
  const config = Buffer.from(searchParams.get("config") ?? "", "base64").toString();
  expect(JSON.parse(config)).toEqual({ url: target("http").url });

  const [line] = find("vscode").listOtherWays?.(target("http", "example-prod")) ?? [];
  const [, added = ""] = /^code --add-mcp '(.*)'$/.exec(line?.line ?? "") ?? [];
  expect(JSON.parse(added)).toEqual({
    name: "example-prod",
    type: "http",
    url: target("http").url,
  });
});

test("every client says what to do then, and lines to copy name the server and its URL", () => {
  for (const client of clients) {
    expect(client.listSteps(target("http")).length, client.id).toBeGreaterThan(0);
  }
  const copied = (id: string) => find(id).listOtherWays?.(target("http"))[0]?.line;
  const { url } = target("http");
  expect(copied("claude-code")).toBe(`claude mcp add --transport http --scope user example ${url}`);
  expect(copied("codex")).toBe(`codex mcp add example --url ${url}`);
  expect(copied("gemini")).toBe(`gemini mcp add --scope user --transport http example ${url}`);
});
