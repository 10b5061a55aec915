import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DevServer } from "../../scripts/dev/server.ts";
import { ownFeatures } from "../../worker/features.ts";
import { connectModern } from "./connect.ts";
import { startMcpRemote } from "./mcp-remote.ts";
import { OAuthApp } from "./oauth-app.ts";
import { Person } from "./person.ts";
import { makeTempFolder } from "./temp-folder.ts";

/** The checkout's own server, as `npm start` serves it: its program, its features, its dev stack. */
export interface OwnServer extends AsyncDisposable {
  /** `http://localhost:<port>` */
  readonly origin: string;
  /** Every line that it has logged so far. */
  readonly lines: readonly string[];
}

/**
 * Starts the checkout's own server on a free port, with data of its own. Its dev stack must take any email, as the
 * demo does. A tool's secret that this machine has not, as in a workflow, is `stand-in`.
 */
export async function startOwnServer(): Promise<OwnServer> {
  const directory = await mkdtemp(join(tmpdir(), "own-server-"));
  const lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  const names = ownFeatures.tools.flatMap(({ needs }) => Object.keys(needs?.secrets ?? {}));
  const standIns = Object.fromEntries(names.map((name) => [name, "stand-in"]));
  const server = await DevServer.start({ stack: "dev", port: 0, directory, standIns, onLine });
  return {
    origin: server.origin,
    lines,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Connects to a server as Claude Desktop does: mcp-remote on `/sse`, a person who signs in and approves, and
 * the tools over standard input and output.
 */
export async function useClaudeDesktop(origin: string) {
  const home = await makeTempFolder();
  const { client, connected, stderr } = startMcpRemote([`${origin}/sse`], home.path);
  const [authorizeUrl] = await stderr.waitFor(/http:\S+\/authorize\?\S+/);
  await new Person("ada@example.com").authorize(authorizeUrl, { followToClient: true });
  await connected;
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await home[Symbol.asyncDispose]();
    },
  };
}

/**
 * Connects a client of the 2026-07-28 protocol to a server's `/mcp`, after its person signed in and approved what
 * every client gets that names no scope.
 */
export async function useNewClient(origin: string) {
  const app = await OAuthApp.register(origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { scope: "" });
  return connectModern(origin, accessToken);
}
