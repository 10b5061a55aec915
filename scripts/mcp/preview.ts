/** `npm run mcp -- preview`: an environment of its own for each pull request. */
import { Command, Option } from "commander";
import { takeValue } from "./options.ts";
import { parseLifetime } from "./preview/lifetime.ts";
import { type Plan, planNames } from "./preview/plan.ts";
import {
  createPullRequestOption,
  type OpenPullRequest,
  parseOpen,
  toStackName,
} from "./preview/pull-request.ts";

interface UpOptions {
  readonly pr: number;
  readonly owner?: string;
  readonly commit?: string;
  readonly ttl: number;
  readonly plan?: Plan;
  readonly json?: true;
  readonly output?: string;
}

/** Days a preview lives without a push, unless told otherwise. */
const usualLifetime = "7d";

const examples = `
Examples:
  npm run mcp -- preview up --pr 12
  npm run mcp -- preview list
  npm run mcp -- preview down --pr 12
  npm run mcp -- preview sweep --open 12,14 --yes

Exit codes: 0 done, 1 failed, 2 wrong usage. docs/previews.md tells more.
`;

/** `preview <command>` */
export function createCommand(): Command {
  return new Command("preview")
    .description(
      "Makes, lists and removes previews: for a pull request a stack of its own, with its own Worker,\ndata and keys. Their settings stand in Pulumi.preview.yaml.",
    )
    .addHelpText("after", examples)
    .addCommand(createUpCommand())
    .addCommand(createDownCommand())
    .addCommand(createListCommand())
    .addCommand(createSweepCommand());
}

function createUpCommand(): Command {
  return new Command("up")
    .summary("make a pull request's preview, or bring it up to date")
    .description(
      "Deploys this checkout as the preview of a pull request, and looks at it with doctor. Exit code 1 where doctor failed: the preview stays.",
    )
    .addOption(createPullRequestOption())
    .addOption(
      new Option("--owner <name>", "who answers for it (default: the variable USER)").argParser(
        takeValue,
      ),
    )
    .addOption(
      new Option("--commit <sha>", "what is deployed (default: the checkout's)").argParser(
        takeValue,
      ),
    )
    .addOption(
      new Option("--ttl <time>", "how long it lives without a push: 36h, 7d, 2w")
        .argParser(parseLifetime)
        .default(parseLifetime(usualLifetime), usualLifetime),
    )
    .addOption(
      new Option(
        "--plan <plan>",
        "the account's plan, for its limits (default: free, unless it has more Workers)",
      ).choices(planNames),
    )
    .option("--json", "print the result for a program")
    .addOption(
      new Option("--output <file>", "write the comment for the pull request there").argParser(
        takeValue,
      ),
    )
    .action(async (options: UpOptions) => {
      process.exitCode = await runUp(options);
    });
}

/** @returns the exit code. */
async function runUp({ pr, owner, commit, ttl, plan, json, output }: UpOptions): Promise<0 | 1> {
  // Loaded here: Pulumi's SDK takes a second.
  const [{ up }, { createShow }, { formatComment }, { formatResult, toResult }, doctor] =
    await Promise.all([
      import("./preview/up.ts"),
      import("./preview/show.ts"),
      import("./preview/comment.ts"),
      import("./preview/result.ts"),
      import("./doctor/verdict.ts"),
    ]);
  const { readCommit } = await import("../../infra/version.ts");
  const request = {
    pullRequest: pr,
    owner: owner ?? (process.env.USER || undefined),
    commit: commit ?? (await readCommit()),
    lifetime: ttl,
    plan,
  };
  const parts = await up(request, createShow());
  if (output !== undefined) {
    const { writeReport } = await import("./doctor/write-report.ts");
    await writeReport(output, formatComment(parts));
  }
  if (json) {
    const { toJson } = await import("./admin/format.ts");
    console.log(toJson(toResult(parts)));
  } else {
    const { paintForTerminal } = await import("./doctor/report/text.ts");
    process.stdout.write(formatResult(parts, paintForTerminal));
  }
  return doctor.toExitCode(doctor.countVerdicts(parts.report.lines));
}

function createDownCommand(): Command {
  return new Command("down")
    .summary("remove a pull request's preview")
    .description(
      "Removes a preview with all its data, its stack and its settings file. A second run finishes one that was interrupted.",
    )
    .addOption(createPullRequestOption())
    .action(async ({ pr }: { readonly pr: number }) => {
      const { down } = await import("./preview/down.ts");
      const { createShow } = await import("./preview/show.ts");
      const stack = toStackName(pr);
      const isRemoved = await down(pr, createShow());
      console.log(isRemoved ? `${stack} is removed.` : `There is no ${stack}: nothing to do.`);
    });
}

function createListCommand(): Command {
  return new Command("list")
    .description("Lists the previews. Those that were longest without a push come first.")
    .option("--json", "print them for a program")
    .action(async ({ json }: { readonly json?: true }) => {
      const { listPreviews } = await import("./preview/previews.ts");
      const { formatPreviews } = await import("./preview/list.ts");
      const { toJson } = await import("./admin/format.ts");
      const found = await listPreviews();
      console.log(json ? toJson(found.previews) : formatPreviews(found, new Date()));
    });
}

interface SweepOptions {
  readonly open?: readonly OpenPullRequest[];
  readonly yes?: true;
}

function createSweepCommand(): Command {
  return new Command("sweep")
    .summary("remove what is closed or expired; a dry run unless --yes is given")
    .description(
      "Removes previews whose pull request is closed or whose time is over, and expired OAuth data of the others. A stack without the preview tag is never touched.",
    )
    .addOption(
      new Option(
        "--open <numbers>",
        'all pull requests that are open, as 1,2, or "none"; without it, only age decides',
      ).argParser(parseOpen),
    )
    .option("--yes", "do it; without it, it is only said what would be done")
    .action(async ({ open, yes }: SweepOptions) => {
      const { sweep } = await import("./preview/sweep.ts");
      const { createShow } = await import("./preview/show.ts");
      const { UserError } = await import("../errors.ts");
      const { lines, failed } = await sweep({ open, isMeant: yes === true }, createShow());
      for (const line of lines) console.log(line);
      if (failed.length === 0) return;
      throw new UserError(
        `Not done, run this again:\n${failed.map((line) => `  ${line.replaceAll("\n", "\n  ")}`).join("\n")}`,
      );
    });
}
