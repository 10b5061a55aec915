/** `npm run mcp -- doctor`: what a client will meet at a server, looked at from outside. */
import { Command, Option } from "commander";
import { UserError } from "../errors.ts";
import { createProgress } from "../terminal/progress.ts";
import { findDemo } from "./doctor/examination.ts";
import {
  countVerdicts,
  formatEnd,
  formatHead,
  formatLine,
  paintForTerminal,
  toExitCode,
} from "./doctor/report.ts";
import { chooseSignIn, type SignInOptions, signInKinds } from "./doctor/sign-in-options.ts";
import type { StackAccess } from "./doctor/stack-access.ts";
import { type Format, formatReport, formats, writeReport } from "./doctor/write-report.ts";
import { createStackOption, createValueOption, takeValue } from "./options.ts";
import { findServer } from "./server-url.ts";

interface DoctorOptions extends SignInOptions, Omit<TargetNames, "argument"> {
  readonly format: Format;
  readonly json?: true;
  readonly output?: string;
}

const details = `
Signs in by itself if it can: with a token (MCP_TOKEN, or --token - and the token on the standard
input), with the stack's probe secret (PROBE_SECRET, or the stack's own if one is named), or at the
demo (DEMO_PASSWORD if it has one). Otherwise it opens your browser. What it signed in for is
revoked at the end. A line that could not be looked at is "not checked", which is not ok.

Examples:
  npm run mcp -- doctor
  npm run mcp -- doctor https://orders.example.workers.dev
  npm run mcp -- doctor https://other.example/mcp --sign-in none
  npm run mcp -- doctor prod --ci --format junit --output doctor.xml

Exit codes: 0 no line failed, 1 a line failed, 2 wrong usage. docs/runbook.md says what to do.
`;

/** `doctor [url|stack]` */
export function createCommand(): Command {
  return new Command("doctor")
    .description("Looks at a server from outside, as clients do, and says what they will meet.")
    .argument(
      "[url|stack]",
      "a server's address, one endpoint's address, or a stack (default: the dev server)",
      takeValue,
    )
    .addOption(createValueOption("--url <url>", "the address, instead of an argument"))
    .addOption(createStackOption("the stack, instead of an argument"))
    .addOption(new Option("--sign-in <way>", "how to sign in").choices(signInKinds).default("auto"))
    .option("--token <->", "- reads an access token from the standard input")
    .option("--ci", "nobody is there: never opens a browser")
    .addOption(new Option("--format <form>", "form of the report").choices(formats).default("text"))
    .option("--json", "the same as --format json")
    .addOption(createValueOption("--output <file>", "write the report there, and text here"))
    .addHelpText("after", details)
    .action(async (argument: string | undefined, options: DoctorOptions) => {
      const { url, stack } = options;
      const target = await findTarget({ argument, url, stack });
      process.exitCode = await examine(target, options);
    });
}

/** @returns the exit code. @throws UserError for options that do not fit, or a file that cannot be written. */
async function examine(target: Target, options: DoctorOptions): Promise<0 | 1> {
  // Loaded here: the clients of every kind take a while, which a help text need not wait for.
  const { examineServer } = await import("./doctor/examine-server.ts");
  const { output } = options;
  const { url } = target;
  const stack = target.stack === undefined ? undefined : await openStack(target.stack);
  const signIn = await chooseSignIn(options, {
    environment: process.env,
    input: process.stdin,
    isTerminal: process.stdin.isTTY && process.stderr.isTTY,
    readProbeSecret: async () => stack?.readProbeSecret(),
    findDemo: () => findDemo(url.origin),
  });
  const format = options.json ? "json" : options.format;
  const isStreamed = format === "text" || output !== undefined;
  const write = (text: string) => void (isStreamed && process.stdout.write(text));
  const progress = createProgress(process.stderr);
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  process.once("SIGINT", stop);
  const report = await examineServer(
    { url, signIn, stack },
    {
      signal: interrupt.signal,
      onOpen: (opening) => write(formatHead(opening)),
      onBegin: ({ title }) => progress.show(title),
      onLine(line) {
        progress.clear();
        write(formatLine(line, paintForTerminal));
      },
    },
  );
  process.removeListener("SIGINT", stop);
  write(formatEnd(report, paintForTerminal));
  if (output !== undefined) await writeReport(output, await formatReport(report, format));
  else if (!isStreamed) process.stdout.write(await formatReport(report, format));
  return toExitCode(countVerdicts(report.lines));
}

async function openStack(name: string): Promise<StackAccess> {
  // Loaded here: the server at an address is no stack's.
  const { StackAccess } = await import("./doctor/stack-access.ts");
  return new StackAccess(name);
}

interface Target {
  /** A bare origin, or the URL of one endpoint as it was typed. */
  readonly url: URL;
  readonly stack?: string;
}

/** How a person names a server: by one of them, or by none for the dev server. */
interface TargetNames {
  /** `<url|stack>` */
  readonly argument?: string | undefined;
  readonly url?: string | undefined;
  readonly stack?: string | undefined;
}

/**
 * Finds what is meant. Of a URL nothing is asked yet.
 * @throws UserError for more than one name, what is not a URL, and a stack that is not deployed.
 */
async function findTarget({ argument, url, stack }: TargetNames): Promise<Target> {
  if ([argument, url, stack].filter((name) => name !== undefined).length > 1) {
    throw new UserError("The server is named twice. Give one of: an argument, --url, --stack.");
  }
  const isAddress = argument !== undefined && /[:/.]/.test(argument);
  const address = url ?? (isAddress ? argument : undefined);
  if (address !== undefined) return { url: parseAddress(address) };
  const name = stack ?? argument;
  const { origin } = await findServer(name === undefined ? {} : { stack: name });
  return { url: new URL(origin), ...(name !== undefined && { stack: name }) };
}

/** Path and query stay as they are: a slash too many is what doctor is to find. */
function parseAddress(address: string): URL {
  const example = "Give the whole address, such as https://orders.example.workers.dev/mcp.";
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new UserError(`"${address}" is not the address of a server. ${example}`);
  }
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") {
    // Not repeated: it holds a password.
    throw new UserError(`Leave the user name and password out of the address. ${example}`);
  }
  url.hash = "";
  return url;
}
