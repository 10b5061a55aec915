import { UserError } from "../../errors.ts";
import type { SignIn } from "../doctor/examination.ts";
import { examineServer } from "../doctor/examine-server.ts";
import type { Report } from "../doctor/report/report.ts";
import { formatEnd, formatHead, formatLine, paintForTerminal } from "../doctor/report/text.ts";
import type { Progress } from "../progress.ts";
import { withInterruption } from "../stack/interruption.ts";
import { toSettling } from "../stack/settling.ts";
import type { ProjectStack } from "../stack/stack.ts";
import { runGate } from "./gate.ts";

/** What is examined, and how it is shown. */
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
 * @throws UserError where it was interrupted: a report that is not whole is no verdict.
 */
export async function examineDeployed(parts: ExamineParts): Promise<Report> {
  const { stack, settling, progress, write } = parts;
  const { url, demoPassword } = await stack.outputs();
  if (typeof url?.value !== "string" || !URL.canParse(url.value)) {
    throw new UserError(
      `--stack: ${stack.name} has no output "url", so doctor knows of no address. \`npx pulumi stack output -s ${stack.name}\` shows what it has; deploy again.`,
    );
  }
  const address = new URL(url.value);
  const signIn = withPassword(parts.signIn, demoPassword?.value);
  return withInterruption(async (signal) => {
    const examine = () =>
      examineServer(
        { url: address, signIn, stack: stack.name },
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
