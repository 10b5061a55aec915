/** Serves a stack on localhost, straight from its Pulumi program. scripts/start.ts loads it. */
import { join } from "node:path";
import { styleText } from "node:util";
import { projectRoot } from "../infra/bundle.ts";
import { workerSettings } from "../worker/env.ts";
import { createClaudeDesktopConfig } from "../worker/pages/client-forms.ts";
import { formatBuildFailure } from "./dev/build-failure.ts";
import { TypeCheck } from "./dev/check-types.ts";
import { releaseMemory } from "./dev/release-memory.ts";
import { formatLogLine } from "./dev/request-line.ts";
import { RequestPaths } from "./dev/request-paths.ts";
import { formatResourceTree } from "./dev/resource-tree.ts";
import { BrokenBuild } from "./dev/run-program.ts";
import { DevServer } from "./dev/server.ts";
import { type Change, type ChangeKind, watchCheckout } from "./dev/watch.ts";
import { UserError } from "./errors.ts";
import { checkPathName } from "./path-name.ts";
import { toPlainText } from "./plain-text.ts";
import { makePrivateFolder } from "./private-folder.ts";
import { flag, readArguments } from "./read-arguments.ts";
import { WorkerStartError } from "./runtime/runtime.ts";
import type { WorkerSpec } from "./runtime/worker-spec.ts";

const help = `Serves a stack on this machine: no account, no deployment.

  npm start -- [options]

  --stack <name>   stack to serve: Pulumi.<name>.yaml (default: dev)
  --port <number>  port on localhost; 0 takes a free one (default: DEV_PORT, else 8787)
  --fresh          forget this stack's data and generated keys first
  --program <file> serve other features: a module like tests/fixture/infra.ts (default: worker/features.ts)
  --allow-private  let tools fetch from this machine and private networks, which Cloudflare will not
  --inspect[=port] let a debugger attach at this port of localhost (default: 9229)
  --no-typecheck   leave types to your editor: they are not checked beside the server
  --verbose        print the Worker's log as it is
  --help           show this
`;

interface Options {
  readonly stack: string;
  readonly port: number;
  readonly fresh: boolean;
  readonly program: string | undefined;
  readonly allowPrivate: boolean;
  readonly typecheck: boolean;
  readonly verbose: boolean;
  /** Port for a debugger. */
  readonly inspect: number | undefined;
}

/** Port at which debuggers look, as Node's. */
const usualInspector = "9229";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(help);
    return;
  }
  const { stack, port, fresh, program, allowPrivate, typecheck, verbose, inspect } = options;
  const started = performance.now();
  // Made for the watcher: .dev/secrets.yaml may be written later.
  await makePrivateFolder(join(projectRoot, ".dev"));
  // Before the program runs, or an edit meanwhile would be missed.
  const serving = Promise.withResolvers<DevServer>();
  const types = typecheck ? new TypeCheck(tellTypes) : undefined;
  process.once("exit", () => types?.[Symbol.dispose]());
  let isNeedsDue = false;
  let prepareBundle: (() => void) | undefined;
  const onBegin = (kind: ChangeKind) => {
    if (kind !== "program") prepareBundle?.();
  };
  await watchCheckout({ stack, program, onBegin }, async (change, isOld) => {
    const server = await serving.promise;
    if (change.kind === "tools") isNeedsDue = true;
    const isServed = await reload(server, change);
    if (isServed && change.kind === "program") isNeedsDue = false;
    // All of it may wait, and takes the processor: nothing of it runs beside a reload.
    void types?.run(isOld);
    if (isServed && isNeedsDue) isNeedsDue = !(await reloadNeeds(server, isOld));
    if (!isOld.aborted) server.prepareReload();
    releaseMemory();
  });
  const paths = new RequestPaths();
  const findPath = (requestId: string) => paths.take(requestId);
  const server = await DevServer.start({
    stack,
    port,
    fresh,
    program,
    allowPrivate,
    paths,
    ...(inspect !== undefined && { inspectorPort: inspect }),
    onLine: (line) => console.log(verbose ? toPlainText(line) : formatLogLine(line, { findPath })),
  });
  // At SIGINT, SIGTERM and exit miniflare ends workerd with this process. A closed terminal has to
  // be made an exit.
  process.once("SIGHUP", () => process.exit(129));
  prepareBundle = () => server.prepareBundle();
  serving.resolve(server);
  void types?.run();
  console.log(describeServer(server, stack));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  setImmediate(releaseMemory);
  console.log(styleText("green", `Ready in ${seconds} s: ${server.origin}/`));
}

/** @throws UserError for an unknown option, or for text that is not a port. */
function readOptions(args: string[]): Options | undefined {
  const { values } = readArguments(help, {
    args: args.map((arg, index) =>
      // Its value may be left out, which `parseArgs` does not know.
      arg === "--inspect" && !/^\d+$/.test(args[index + 1] ?? "")
        ? `--inspect=${usualInspector}`
        : arg,
    ),
    options: {
      stack: { type: "string", default: "dev" },
      port: { type: "string", default: process.env.DEV_PORT || "8787" },
      fresh: flag,
      program: { type: "string" },
      "allow-private": flag,
      "no-typecheck": flag,
      verbose: flag,
      inspect: { type: "string" },
      help: flag,
    },
  });
  if (values.help) return undefined;
  const port = readPort("--port", values.port, "8788");
  const { fresh, program, verbose, "allow-private": allowPrivate } = values;
  const typecheck = !values["no-typecheck"];
  const stack = checkPathName("--stack", values.stack);
  const inspect =
    values.inspect === undefined ? undefined : readPort("--inspect", values.inspect, "9230");
  return { stack, port, fresh, program, allowPrivate, typecheck, verbose, inspect };
}

/** @throws UserError for what is not a port. */
function readPort(option: string, text: string, example: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UserError(
    `${option}: "${text}" is not a port. Give a number from 0 to 65535, as in ${option} ${example}.`,
  );
}

/** @returns whether the change is served. */
async function reload(server: DevServer, { kind, files }: Change): Promise<boolean> {
  const started = performance.now();
  try {
    const isCodeSame = files.every((file) => file.endsWith(".yaml"));
    if (kind === "program") await server.reloadProgram(isCodeSame);
    else await server.reloadCode();
    const took = Math.round(performance.now() - started);
    console.log(styleText("green", `Reloaded in ${took} ms: ${listFiles(files)}`));
    return true;
  } catch (error) {
    await tell(error, "The previous version keeps serving.");
    return false;
  }
}

/**
 * Looks at what the tools need now, once their code is served.
 * @returns whether it got to an end: it is given up for a newer change.
 */
async function reloadNeeds(server: DevServer, isOld: AbortSignal): Promise<boolean> {
  try {
    if (await server.reloadNeeds(isOld)) {
      console.log(styleText("green", "What the tools need has changed, and has been set up."));
    }
    return true;
  } catch (error) {
    if (error === isOld.reason) return false;
    // An edit that came after the reload: it is reloaded next, and what served before it still does.
    const isEdited = error instanceof BrokenBuild;
    await tell(
      error,
      isEdited
        ? "The previous version keeps serving."
        : "The new code serves without what its tools need.",
    );
    return !isEdited;
  }
}

function tellTypes(text: string, isGood: boolean): void {
  console.log(styleText(isGood ? "green" : "yellow", text));
}

async function tell(error: unknown, serving: string): Promise<void> {
  console.error(`${await describeError(error)}\n${styleText("yellow", serving)}`);
}

/** Files that a person changed; of a switched branch only the first few. */
function listFiles(files: readonly string[]): string {
  const shown = files.slice(0, 3).join(", ");
  const more = files.length - 3;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function describeServer(
  { origin, spec, resources, inspectorPort }: DevServer,
  stack: string,
): string {
  const config = createClaudeDesktopConfig(findServerName(spec), origin);
  return [
    "",
    styleText("bold", `Stack ${stack}`),
    formatResourceTree(resources),
    "",
    `Home              ${origin}/`,
    `Streamable HTTP   ${origin}/mcp`,
    `HTTP+SSE          ${origin}/sse`,
    ...(inspectorPort === undefined ? [] : [`Debugger          127.0.0.1:${inspectorPort}`]),
    ...spec.crons.map(
      (cron) =>
        `Clean-up now      curl "${origin}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(cron)}"`,
    ),
    "",
    "Claude Desktop, claude_desktop_config.json:",
    JSON.stringify(config, null, 2),
    "",
  ].join("\n");
}

function findServerName({ bindings }: WorkerSpec): string {
  const settings = bindings.find(({ name }) => name === "SETTINGS");
  if (settings?.type !== "json") throw new Error("The program gives the Worker no settings.");
  return workerSettings.parse(settings.json).server.name;
}

async function describeError(error: unknown): Promise<string> {
  const failure = await formatBuildFailure(error);
  if (failure !== undefined) return failure;
  if (error instanceof UserError) return error.message;
  if (error instanceof WorkerStartError) return `The Worker does not start:\n${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await main();
} catch (error) {
  console.error(styleText("red", await describeError(error)));
  process.exit(1);
}
