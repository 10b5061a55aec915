import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { Output } from "../support/program.ts";
import { requireOrSkip } from "../support/require-all.ts";
import { Home } from "./home.ts";

const mcp = resolve(import.meta.dirname, "../../scripts/mcp.ts");

/** The program of util-linux that gives another one a terminal. */
const script = "/usr/bin/script";

test("on a terminal a person is asked before an entry is replaced, and a no changes nothing", async ({
  skip,
}) => {
  const hasTerminal = process.platform === "linux" && existsSync(script);
  requireOrSkip(skip, hasTerminal || undefined, `No ${script} of util-linux.`);
  await using home = await Home.make();
  const file = await home.fileOf("cursor");
  const before = '{\n  "mcpServers": { "example": { "url": "https://mcp.example.org" } }\n}\n';
  await home.put(file, before);

  // A terminal of no size would get one letter a line.
  const command = `/usr/bin/stty cols 120 rows 40 && "${process.execPath}" "${mcp}" connect cursor --write --url http://localhost:8787`;
  for (const [answer, code, text] of [
    ["n", 1, before],
    ["y", 0, before.replace("https://mcp.example.org", "http://localhost:8787/mcp")],
  ] as const) {
    const child = spawn(script, ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: home.project,
      env: { ...home.environment, SHELL: "/bin/sh", TERM: "xterm" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const shown = new Output(child.stdout);
    const ended = once(child, "close");
    await shown.waitFor(/localhost:8787\/mcp[\s\S]*Replace/);
    child.stdin.write(answer);
    expect((await ended)[0]).toBe(code);
    expect(await home.read(file)).toBe(text);
  }
});
