/** A process that runs a command's module for one request after the other, with what it has loaded once. */
import { pathToFileURL } from "node:url";

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
  try {
    // Its first module is run again, under a name of its own; what that imports is there already.
    count += 1;
    await import(`${pathToFileURL(file)}?run=${count}`);
  } finally {
    process.send?.({ code: Number(process.exitCode ?? 0), stdout: stdout(), stderr: stderr() });
  }
});

process.once("disconnect", () => process.exit());

/** Keeps what is written from now on. @returns what ends that, and gives it back. */
function catchOutput(stream: NodeJS.WriteStream): () => string {
  const write = stream.write;
  let text = "";
  stream.write = (chunk: string | Uint8Array) => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  return () => {
    stream.write = write;
    return text;
  };
}
