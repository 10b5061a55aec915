import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DevServer } from "../../scripts/dev/server.ts";
import { fixtureProgram } from "../fixture/program.ts";
import { writeFixtureProject } from "./fixture-project.ts";

/** The dev stack, served from its Pulumi program on a free port, with data of its own. */
export interface TestServer extends AsyncDisposable {
  /** `http://localhost:<port>` */
  readonly origin: string;
  /** Every line the Worker has logged so far. */
  readonly requests: readonly string[];
  /** Stops the server and starts it again on the same port with the same data. */
  restart(): Promise<void>;
}

/** Starts the dev stack as `npm start` does, but for the watcher, the terminal and what it offers: the fixture's features. */
export async function startTestServer({
  program = fixtureProgram,
}: {
  /** Module of a program of other features. Default: the fixture's. */
  readonly program?: string;
} = {}): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), "remote-mcp-server-"));
  await writeFixtureProject(directory);
  const requests: string[] = [];
  const start = (port: number) =>
    DevServer.start({
      stack: "dev",
      port,
      projectFolder: directory,
      directory,
      program,
      onLine: (line) => requests.push(line),
    });
  let server = await start(0);
  const { origin } = server;
  return {
    origin,
    requests,
    async restart() {
      await server[Symbol.asyncDispose]();
      server = await start(Number(new URL(origin).port));
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
