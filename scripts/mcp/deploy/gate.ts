import { UserError } from "../../errors.ts";
import type { Progress } from "../../terminal/progress.ts";
import { toDeployedStack } from "../admin/deployed-stack.ts";
import type { SignIn } from "../doctor/examination.ts";
import { examineServer } from "../doctor/examine-server.ts";
import {
  countVerdicts,
  formatEnd,
  formatHead,
  formatLine,
  paintForTerminal,
  type Report,
} from "../doctor/report.ts";
import { chooseSignIn } from "../doctor/sign-in-options.ts";
import { withInterruption } from "../stack/interruption.ts";
import { toSettling, waitSeconds } from "../stack/settling.ts";
import type { ProjectStack } from "../stack/stack.ts";
import { readSetting, type StackValues } from "../stack/stack-values.ts";

/** Options for doctor's sign-in. */
export interface GateOptions {
  /** `-`: a token comes on the standard input. */
  readonly token?: string;
}

/** Reads the token that was given, if one was. @throws UserError for one on the command line, or none. */
export async function readToken(options: GateOptions): Promise<SignIn | undefined> {
  const nothing = async () => undefined;
  const found = await chooseSignIn(
    { signIn: "auto", ci: true, ...options },
    {
      environment: { MCP_TOKEN: process.env.MCP_TOKEN, PROBE_SECRET: process.env.PROBE_SECRET },
      input: process.stdin,
      isTerminal: false,
      readProbeSecret: nothing,
      findDemo: nothing,
    },
  );
  return found.kind === "none" ? undefined : found;
}

/** How doctor signs in at a server with these settings, without a person: else only its public half is looked at. */
export function chooseGateSignIn(given: SignIn | undefined, settings: StackValues): SignIn {
  if (given !== undefined) return given;
  const secret = settings.probeSecret?.value;
  if (secret !== undefined) return { kind: "probe", secret };
  if (readSetting(settings, "identityMethod") === "demo") {
    const password = settings.demoPassword?.value;
    return { kind: "demo", ...(password !== undefined && { password }) };
  }
  return { kind: "none", why: "the stack has no probeSecret, and no token was given (MCP_TOKEN)" };
}

/** @throws UserError for a production stack whose doctor could look at the public half only. */
export function refuseHalfGate(stack: string, settings: StackValues, signIn: SignIn): void {
  if (readSetting(settings, "environment") !== "production" || signIn.kind !== "none") return;
  throw new UserError(
    `probeSecret: ${stack} is production, and doctor could not sign in after the deployment, so it would test only the public half and a broken server might stay. Nothing was changed. Give the stack a probe secret (\`openssl rand -hex 32 | npx pulumi config set -s ${stack} --secret probeSecret\`), or an access token in MCP_TOKEN or with --token -.`,
  );
}

export function describeSignIn(signIn: SignIn): string {
  switch (signIn.kind) {
    case "probe":
      return "signs in with the stack's probe secret, and tests everything";
    case "token":
      return "signs in with the token that was given, and tests everything behind it";
    case "demo":
      return "signs in at the demo, and tests everything";
    default:
      return "cannot sign in: it tests only the public half. Set probeSecret, or give a token";
  }
}

export interface GateParts {
  /** Runs doctor once. */
  examine(): Promise<Report>;
  /**
   * Seconds before the first look, in which the previous version may still answer: what doctor would
   * find in it says nothing about the new one. 0: nothing served before, or nothing new does.
   */
  readonly before: number;
  /** Seconds after a look that fails, before the second one. 0: there is none. */
  readonly again: number;
  /** Told before each wait. */
  onWait?(seconds: number, isAgain: boolean): void;
  readonly signal?: AbortSignal;
}

export function isPassed({ lines }: Report): boolean {
  return countVerdicts(lines).failed === 0;
}

/**
 * Runs doctor once the new version serves, and once more after a while if it fails: a new version, or
 * a new address, is not everywhere at once.
 */
export async function runGate(parts: GateParts): Promise<Report> {
  const { examine, before, again, onWait, signal } = parts;
  if (before > 0) onWait?.(before, false);
  await waitSeconds(before, signal);
  const report = await examine();
  if (isPassed(report) || again === 0 || signal?.aborted) return report;
  onWait?.(again, true);
  await waitSeconds(again, signal);
  return signal?.aborted ? report : examine();
}

export interface ExamineParts {
  readonly stack: ProjectStack;
  readonly signIn: SignIn;
  /** Seconds before the first look, and after one that fails, at Cloudflare. The local cloud needs none. */
  readonly settling: { readonly before: number; readonly again: number };
  readonly progress: Progress;
  readonly write: (text: string) => void;
}

/**
 * Runs doctor against what a stack has deployed, and shows it line by line.
 * @throws UserError if it was interrupted: an incomplete report is not a verdict.
 */
export async function examineDeployed(parts: ExamineParts): Promise<Report> {
  const { stack, settling, progress, write } = parts;
  const [outputs, values] = await Promise.all([stack.outputs(), stack.config()]);
  const { url, demoPassword } = outputs;
  if (typeof url !== "string" || !URL.canParse(url)) {
    throw new UserError(
      `--stack: ${stack.name} has no output "url", so doctor knows of no address. \`npx pulumi stack output -s ${stack.name}\` shows what it has; deploy again.`,
    );
  }
  const address = new URL(url);
  const signIn = withPassword(parts.signIn, demoPassword);
  const { name, project } = stack;
  const deployed = toDeployedStack({ name, project, values, outputs });
  return withInterruption(async (signal) => {
    const examine = () =>
      examineServer(
        { url: address, signIn, stack: deployed },
        {
          signal,
          onOpen: (opening) => write(formatHead(opening)),
          onBegin: ({ title }) => progress.show(title),
          onLine(line) {
            progress.clear();
            write(formatLine(line, paintForTerminal));
          },
        },
      );
    const report = await runGate({
      examine,
      before: toSettling(address.href, settling.before),
      again: toSettling(address.href, settling.again),
      signal,
      onWait(seconds, isAgain) {
        const what = isAgain ? "\nDoctor looks once more" : "Doctor looks";
        write(`${what} in ${seconds} s: a new version is not everywhere at once.\n\n`);
      },
    });
    write(formatEnd(report, paintForTerminal));
    if (!signal.aborted) return report;
    throw new UserError(
      "Interrupted before doctor had ended: what serves now is not judged. Run this command again: it still knows what to go back to.",
    );
  });
}

/** A stack without a password of its own in the settings may have made one. */
function withPassword(signIn: SignIn, generated: unknown): SignIn {
  const isMissing = signIn.kind === "demo" && signIn.password === undefined;
  return isMissing && typeof generated === "string"
    ? { kind: "demo", password: generated }
    : signIn;
}
