/** `npm run mcp -- deploy`: deploys a stack, looks at it with doctor, and goes back if that fails. */

import { existsSync } from "node:fs";
import { Command } from "commander";
import { UserError } from "../errors.ts";
import { createProgress } from "../terminal/progress.ts";
import type { DeployReport } from "./deploy/deploy-report.ts";
import type { DeployOptions } from "./deploy/run.ts";
import { createStackOption, createValueOption } from "./options.ts";
import { toSettingsFile, toSettingsPath } from "./stack/settings-file.ts";
import type { ProjectStack } from "./stack/stack.ts";

interface Options extends DeployOptions {
  readonly stack: string;
  readonly token?: string;
  readonly output?: string;
}

const details = `
Shows first what changes, what is lost, who is signed out, what it costs and what happens when doctor
fails. Then it deploys, and doctor looks at the server. If a line of doctor's fails, the previous code
and settings are restored, and doctor looks again.

Doctor signs in with the stack's probe secret, a token (MCP_TOKEN, or --token -), or at the demo. A
production stack needs one of the first two. It is confirmed by typing the stack's name, or by --yes.

Examples:
  npm run deploy
  npm run mcp -- deploy --stack prod --plan
  npm run mcp -- deploy --stack prod --yes --output deploy.md

Exit codes: 0 deployed and doctor found no failure, 1 not deployed or gone back, 2 wrong usage.
docs/deploy.md says more.
`;

/** `deploy` */
export function createCommand(): Command {
  return new Command("deploy")
    .description("Deploys a stack, looks at it with doctor, and goes back if that fails.")
    .addOption(createStackOption("stack to deploy: Pulumi.<name>.yaml").default("dev"))
    .option("--plan", "only show the plan")
    .option("--yes", "do not ask")
    .option("--no-way-back", "deploy although the current version could not be restored")
    .option("--token <->", "- reads an access token for doctor from the standard input")
    .addOption(
      createValueOption(
        "--output <file>",
        "write plan, result and doctor's reports there, as Markdown",
      ),
    )
    .addHelpText("after", details)
    .action(async (options: Options) => {
      // Loaded here: doctor and what asks Cloudflare take a while, which a help text need not wait for.
      const [{ readToken }, { deploy }] = await Promise.all([
        import("./deploy/gate.ts"),
        import("./deploy/run.ts"),
      ]);
      const { token, output } = options;
      const given = await readToken(token === undefined ? {} : { token });
      const stack = await openStack(options.stack, options.plan === true);
      const progress = createProgress(process.stderr);
      let report: DeployReport | undefined;
      try {
        process.exitCode = await deploy({
          stack,
          options,
          given,
          progress,
          write: (text) => void process.stdout.write(text),
          onReport(told) {
            report = told;
          },
        });
      } finally {
        progress.clear();
        if (output !== undefined && report !== undefined) {
          const { formatDeployReport } = await import("./deploy/deploy-report.ts");
          const { writeReport } = await import("./doctor/write-report.ts");
          await writeReport(output, formatDeployReport(report));
        }
      }
    });
}

/**
 * Opens a stack. One that has a settings file and is not in the backend yet is made: somebody has
 * described it. One without either is a slip of the pen, or of another backend.
 * @param isPlan whether only a plan is wanted: then no stack is made.
 * @throws UserError if there is no stack, or the backend cannot be read.
 */
async function openStack(name: string, isPlan: boolean): Promise<ProjectStack> {
  const { NoSuchStack } = await import("./stack/cli.ts");
  const { ProjectStack } = await import("./stack/stack.ts");
  const file = toSettingsFile(name);
  const isDescribed = existsSync(toSettingsPath(name));
  if (isDescribed && !isPlan) return ProjectStack.openOrCreate(name);
  try {
    return await ProjectStack.open(name);
  } catch (error) {
    if (!(error instanceof NoSuchStack)) throw error;
    throw new UserError(
      isDescribed
        ? `--plan: the stack "${name}" is described in ${file} and is not in this Pulumi backend yet, so there is nothing to compare with, and a plan makes no stack. \`npm run mcp -- deploy --stack ${name}\` makes it, shows the plan and asks before it deploys; \`npx pulumi stack init ${name}\` makes only the stack.`
        : `--stack: there is no stack "${name}" in this Pulumi backend, and no file ${file} here. Make it with \`npx pulumi stack init ${name}\` and give it its settings (docs/deploy.md); \`npx pulumi whoami -v\` says which backend this is.`,
    );
  }
}
