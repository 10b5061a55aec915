/** A process that runs a command's module for one request after the other, with what it has loaded once. */
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Ending } from "./program.ts";

/** A command as a person gives it. */
export interface CommandRequest {
  /** Absolute path of the module that a process would begin with. */
  readonly file: string;
  readonly args: readonly string[];
  /** All variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
}

let count = 0;

process.on("message", async ({ file, args, environment, cwd }: CommandRequest) => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.chdir(cwd);
  process.argv.splice(1, Infinity, file, ...args);
  process.exitCode = undefined;
  const [stdout, stderr] = [catchOutput(process.stdout), catchOutput(process.stderr)];
  const before = countActive();
  // Its first module is run again, under a name of its own; what that imports is there already.
  count += 1;
  await import(`${pathToFileURL(file)}?run=${count}`);
  // Where a process of its own would end.
  while (countActive() > before) await sleep(5, undefined, { ref: false });
  endConnections();
  const ending: Ending = {
    code: Number(process.exitCode ?? 0),
    stdout: stdout(),
    stderr: stderr(),
  };
  process.send?.(ending);
});

process.once("disconnect", () => process.exit());

/** Everything that keeps this process from ending. */
function countActive(): number {
  return process.getActiveResourcesInfo().length;
}

/** The next command finds no connection of this one open, which its server may be about to close. */
function endConnections(): void {
  const ours = globalThis as unknown as Record<symbol, Dispatcher | undefined>;
  // Where `fetch` keeps the one that it uses.
  const place = Symbol.for("undici.globalDispatcher.1");
  const dispatcher = ours[place];
  if (dispatcher === undefined) return;
  ours[place] = new dispatcher.constructor();
  void dispatcher.destroy();
}

interface Dispatcher {
  readonly constructor: new () => Dispatcher;
  destroy(): Promise<void>;
}

/** Keeps what is written from now on. @returns what ends that, and gives it back. */
function catchOutput(stream: NodeJS.WriteStream): () => string {
  const write = stream.write;
  let text = "";
  stream.write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ) => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    const told = typeof encoding === "function" ? encoding : done;
    if (told !== undefined) process.nextTick(told);
    return true;
  };
  return () => {
    stream.write = write;
    return text;
  };
}
