import { UserError } from "../errors.ts";
import { findAddressProblem } from "../ownership/upstream.ts";
import { flag, readArguments } from "../read-arguments.ts";

export interface UpgradeOptions {
  /** Address of upstream; default: the recorded one. */
  readonly from?: string | undefined;
  /** Tag, version, branch or commit of upstream; default: its newest release. */
  readonly to?: string | undefined;
  /** Only tell what would be. */
  readonly dryRun: boolean;
}

export const help = `Brings this server up to date with the project it was made from: what is yours stays as it is.

  npm run upgrade -- [options]

  --from <url|path>  where upstream is (default: what .upstream.json says, else the remote upstream)
  --to <name>        a release, branch or commit of upstream (default: its newest release)
  --dry-run          tell what would change and what would have to be done, and change nothing
  --help             show this

docs/upgrade.md says what it does with which file, and how to go back.
`;

/** Parses the command line; `undefined` if help is asked for. @throws UserError for what it does not know. */
export function parseOptions(args: readonly string[]): UpgradeOptions | undefined {
  const { values } = readArguments(help, {
    args: [...args],
    options: { from: { type: "string" }, to: { type: "string" }, "dry-run": flag, help: flag },
  });
  if (values.help) return undefined;
  const { from, to, "dry-run": dryRun } = values;
  const problem = from === undefined ? undefined : findAddressProblem(from);
  if (problem !== undefined) throw new UserError(`--from: ${problem}. Give a URL or a path.`);
  if (to !== undefined && !/^\w[\w./-]*$/.test(to)) {
    throw new UserError("--to: give a release, a branch or a commit, as in --to v1.1.0.");
  }
  return { from, to, dryRun };
}
