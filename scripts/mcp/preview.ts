/** `npm run mcp -- preview`: an environment of its own for each pull request. */
import { Command, Option } from "commander";
import { createValueOption } from "./options.ts";
import type { CommentParts } from "./preview/comment.ts";
import {
  createPullRequestOption,
  type OpenPullRequest,
  parseOpen,
  toStackName,
} from "./preview/pull-request.ts";
import { type AccountPlan, planNames } from "./preview/room.ts";
import { parseLifetime } from "./preview/tags.ts";

interface RehearseOptions {
  readonly pr: number;
  readonly owner?: string;
  readonly commit?: string;
  readonly json?: true;
  readonly output?: string;
}

interface UpOptions extends RehearseOptions {
  readonly ttl: number;
  readonly plan?: AccountPlan;
  readonly comment?: true;
}

const commentHelp =
  "say so in the pull request's one comment at GitHub (GITHUB_REPOSITORY, GITHUB_TOKEN)";

/** Days a preview lives without a push, unless told otherwise. */
const usualLifetime = "7d";

const examples = `
Examples:
  npm run mcp -- preview up --pr 12
  npm run mcp -- preview list
  npm run mcp -- preview down --pr 12
  npm run mcp -- preview sweep --open 12,14 --yes
  npm run mcp -- preview rehearse --pr 12

Exit codes: 0 done, 1 failed, 2 wrong usage. See docs/previews.md.
`;

/** `preview <command>` */
export function createCommand(): Command {
  return new Command("preview")
    .description(
      "Makes, lists and removes previews: for a pull request a stack of its own, with its own Worker,\ndata and keys. Their settings are in Pulumi.preview.yaml.",
    )
    .addHelpText("after", examples)
    .addCommand(createUpCommand())
    .addCommand(createRehearseCommand())
    .addCommand(createDownCommand())
    .addCommand(createListCommand())
    .addCommand(createSweepCommand());
}

function createUpCommand(): Command {
  const command = new Command("up")
    .summary("make a pull request's preview, or bring it up to date")
    .description(
      "Deploys this checkout as the preview of a pull request, and looks at it with doctor. Exit code 1 if doctor failed; the preview stays.",
    );
  return addRequestOptions(command)
    .addOption(
      new Option("--ttl <time>", "how long it lives without a push: 36h, 7d, 2w")
        .argParser(parseLifetime)
        .default(parseLifetime(usualLifetime), usualLifetime),
    )
    .addOption(
      new Option(
        "--plan <plan>",
        "the account's plan, for its limits (default: free, unless it has more Workers)",
      )
        .env("CLOUDFLARE_PLAN")
        .choices(planNames),
    )
    .option("--comment", commentHelp)
    .action(async (options: UpOptions) => {
      // Loaded here: it takes a while, which a help text need not wait for.
      const { up } = await import("./preview/up.ts");
      const { createShow } = await import("./preview/show.ts");
      const request = await toRequest(options, options.ttl);
      const run = () => up({ ...request, plan: options.plan }, createShow());
      const report = (parts: CommentParts) => finish(parts, options);
      if (!options.comment) return report(await run());
      const { commentUp } = await import("./preview/github-comment.ts");
      await commentUp(options.pr, run, report);
    });
}

function createRehearseCommand(): Command {
  const command = new Command("rehearse")
    .summary("make it, look at it and remove it, on a Cloudflare account in this process")
    .description(
      "Does what `preview up` and `preview down` do, on a Cloudflare account inside this process: for a pull request that comes without secrets, as one of a fork. Leaves nothing behind.",
    );
  return addRequestOptions(command).action(async (options: RehearseOptions) => {
    const { rehearse } = await import("./preview/rehearse.ts");
    const { createShow } = await import("./preview/show.ts");
    const request = await toRequest(options, parseLifetime(usualLifetime));
    await finish(await rehearse(request, createShow()), options);
  });
}

/** Adds the options that `up` and `rehearse` share. */
function addRequestOptions(command: Command): Command {
  return command
    .addOption(createPullRequestOption())
    .addOption(
      createValueOption("--owner <name>", "who answers for it (default: the variable USER)"),
    )
    .addOption(createValueOption("--commit <sha>", "what is deployed (default: the checkout's)"))
    .option("--json", "print the result for a program")
    .addOption(
      createValueOption("--output <file>", "write the comment for the pull request there"),
    );
}

async function toRequest({ pr, owner, commit }: RehearseOptions, lifetime: number) {
  const { readCommit } = await import("../../infra/version.ts");
  return {
    pullRequest: pr,
    owner: owner ?? (process.env.USER || undefined),
    commit: commit ?? (await readCommit()),
    lifetime,
  };
}

/** Writes what was done, and sets the exit code to doctor's. */
async function finish(parts: CommentParts, { json, output }: RehearseOptions): Promise<void> {
  if (output !== undefined) {
    const { formatComment } = await import("./preview/comment.ts");
    const { writeReport } = await import("./doctor/write-report.ts");
    await writeReport(output, formatComment(parts));
  }
  const { formatResult, toResult } = await import("./preview/show.ts");
  const { countVerdicts, paintForTerminal, toExitCode } = await import("./doctor/report.ts");
  if (json) {
    const { toJson } = await import("../terminal/format.ts");
    console.log(toJson(toResult(parts)));
  } else {
    process.stdout.write(formatResult(parts, paintForTerminal));
  }
  process.exitCode = toExitCode(countVerdicts(parts.report.lines));
}

function createDownCommand(): Command {
  return new Command("down")
    .summary("remove a pull request's preview")
    .description(
      "Removes a preview with all its data, its stack and its settings file. A second run finishes one that was interrupted.",
    )
    .addOption(createPullRequestOption())
    .option("--comment", commentHelp)
    .action(async ({ pr, comment }: { readonly pr: number; readonly comment?: true }) => {
      const { down } = await import("./preview/down.ts");
      const { createShow } = await import("./preview/show.ts");
      const { commentDown } = await import("./preview/github-comment.ts");
      const stack = toStackName(pr);
      const run = () => down(pr, createShow());
      const isRemoved = await (comment ? commentDown(pr, run) : run());
      console.log(isRemoved ? `${stack} is removed.` : `There is no ${stack}: nothing to do.`);
    });
}

function createListCommand(): Command {
  return new Command("list")
    .description("Lists the previews. Those that were longest without a push come first.")
    .option("--json", "print them for a program")
    .action(async ({ json }: { readonly json?: true }) => {
      const { formatPreviews, listPreviews } = await import("./preview/previews.ts");
      const { toJson } = await import("../terminal/format.ts");
      const found = await listPreviews();
      console.log(json ? toJson(found.previews) : formatPreviews(found, new Date()));
    });
}

interface SweepOptions {
  readonly open?: readonly OpenPullRequest[];
  readonly github?: true;
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
    .addOption(
      new Option(
        "--github",
        "ask GitHub which are open, and say in their comments what is removed",
      ).conflicts("open"),
    )
    .option("--yes", "do it; without this, only show what would be done")
    .action(async ({ open, github, yes }: SweepOptions) => {
      const { sweep } = await import("./preview/sweep.ts");
      const { askGitHub } = await import("./preview/github-comment.ts");
      const { createShow } = await import("./preview/show.ts");
      const { UserError } = await import("../errors.ts");
      const { findOwnRepository } = await import("./preview/pull-request.ts");
      const repository = findOwnRepository();
      const request = { open, repository, isMeant: yes === true, ...(github && askGitHub()) };
      const { lines, failed } = await sweep(request, createShow());
      for (const line of lines) console.log(line);
      if (failed.length === 0) return;
      throw new UserError(
        `Not everything is done. Unless another command is named, run this again:\n${failed.map((line) => `  ${line.replaceAll("\n", "\n  ")}`).join("\n")}`,
      );
    });
}
