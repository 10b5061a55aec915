/** `npm run mcp -- drift`: where the account differs from a stack. */
import { Command, Option } from "commander";
import { createProgress } from "../terminal/progress.ts";
import {
  type DriftFormat,
  describe,
  driftFormats,
  formatDriftReport,
} from "./drift/drift-report.ts";
import type { LookParts } from "./drift/look-for-drift.ts";
import { createListOption, createStackOption, createValueOption } from "./options.ts";

interface DriftOptions {
  readonly stack: string;
  readonly format: DriftFormat;
  readonly output?: string;
  readonly ignore: readonly string[];
  readonly strictOrphans?: true;
  readonly repair?: true;
  readonly yes?: true;
}

const details = `
Also looks at what \`pulumi refresh\` leaves out: values of bindings, cron triggers, Durable Object classes,
who made the version that serves, and things that have this project's names and belong to no stack.
What the token may not look at is "not checked". Things that belong to no stack are reported and never deleted:
they may be another backend's, and are drift only with --strict-orphans.

Examples:
  npm run mcp -- drift --stack prod
  npm run mcp -- drift --stack prod --format markdown --output drift.md
  npm run mcp -- drift --stack prod --repair

Exit codes: 0 no drift, 1 drift found or failed, 2 wrong usage. docs/drift.md says how to schedule it.
`;

/** `drift --stack <name>` */
export function createCommand(): Command {
  return new Command("drift")
    .description("Compares what a stack says with what the account really has.")
    .addOption(createStackOption().makeOptionMandatory())
    .option("--repair", "restore what can be restored, and look again")
    .option("--yes", "repair without asking")
    .addOption(
      createListOption(
        "--ignore <name...>",
        "names that are somebody else's, though they look like ours",
        "none",
      ),
    )
    .option("--strict-orphans", "what belongs to no stack of this backend is drift, too")
    .addOption(
      new Option("--format <form>", "form of the report").choices(driftFormats).default("text"),
    )
    .addOption(createValueOption("--output <file>", "write the report there, and text here"))
    .addHelpText("after", details)
    .action(async (options: DriftOptions) => {
      process.exitCode = await run(options);
    });
}

/** @returns the exit code. */
async function run(options: DriftOptions): Promise<0 | 1> {
  // Loaded here: it takes a while, which a help text need not wait for.
  const { ProjectStack } = await import("./stack/stack.ts");
  const { lookForDrift } = await import("./drift/look-for-drift.ts");
  const progress = createProgress(process.stderr);
  const stack = await ProjectStack.open(options.stack);
  const parts: LookParts = {
    stack,
    ignored: options.ignore,
    strictOrphans: options.strictOrphans === true,
    onBegin: progress.show,
  };
  const first = await lookForDrift(parts);
  progress.clear();
  const isMended = options.repair === true && (await mend(parts, first, options));
  const { report } = isMended ? await lookForDrift(parts) : first;
  progress.clear();
  const { format, output } = options;
  process.stdout.write(formatDriftReport(report, output === undefined ? format : "text"));
  if (output !== undefined) {
    const { writeReport } = await import("./doctor/write-report.ts");
    await writeReport(output, formatDriftReport(report, format));
  }
  return report.differences.length === 0 ? 0 : 1;
}

type Look = Awaited<ReturnType<typeof import("./drift/look-for-drift.ts").lookForDrift>>;

/** @returns whether anything was done. @throws UserError if it may not be, or fails. */
async function mend({ stack }: LookParts, look: Look, { yes }: DriftOptions): Promise<boolean> {
  const { planRepair, prepareRepair, repair } = await import("./drift/repair.ts");
  const { differences } = look.report;
  const plan = planRepair(differences);
  if (plan.length === 0) return false;
  const mark = await prepareRepair(stack, look);
  const byHand = differences.filter((each) => each.mend === "person");
  const mended = differences.filter((each) => each.mend !== "person");
  const lines = [
    `Found on ${stack.name}:`,
    ...mended.map((each) => `  ${describe(each)}`),
    "The repair will:",
    ...plan.map((step) => `  - ${step}`),
    ...(byHand.length > 0 ? ["It cannot repair, and leaves as it is:"] : []),
    ...byHand.map((each) => `  - ${describe(each)}`),
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
  if (yes !== true) {
    const { confirmYes } = await import("../terminal/confirm.ts");
    await confirmYes(`Repair ${stack.name}?`, "--yes");
  }
  const progress = createProgress(process.stderr);
  await repair(stack, look, mark, progress);
  return true;
}
