import { Command, InvalidArgumentError, Option } from "commander";
import type { SettingName } from "../../../infra/settings.ts";
import { UserError } from "../../errors.ts";
import { formatTable, toJson, toTerminalText } from "../../terminal/format.ts";
import { takeValue } from "../options.ts";
import type { Access, AccessSettings, Somebody } from "./describe-access.ts";
import { findNamedStack } from "./open-server.ts";

interface WhoOptions {
  readonly email: string;
  readonly group?: readonly string[];
  readonly json?: true;
}

const details = `
Reads the settings of the stack, as the next deployment has them, and asks nobody. The server keeps no
list of people, and who is in which group is known at the sign-in only: name the groups yourself.
`;

/** The settings that it reads. */
const names = [
  "identityMethod",
  "allowedEmails",
  "allowedDomains",
  "allowedOrganizations",
  "scopesByGroup",
] as const satisfies readonly SettingName[];

/** `admin who --email <address>`: what the settings say of somebody. */
export function createWhoCommand(): Command {
  return new Command("who")
    .summary("what the settings say of somebody: whether they may sign in, and with which scopes")
    .description(
      "Says whether somebody may sign in to the stack, and which scopes they may have at most.",
    )
    .addOption(
      new Option("--email <address>", "address the person signs in with")
        .argParser(takeAddress)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        "--group <name>",
        "a group, organisation or team of theirs; may come several times",
      ).argParser((name: string, before: readonly string[] = []) => [...before, takeValue(name)]),
    )
    .option("--json", "print JSON")
    .addHelpText("after", details)
    .action(async ({ email, group = [], json }: WhoOptions, command: Command) => {
      const stack = findNamedStack(command);
      const settings = await readAccessSettings(stack);
      // Loaded here: no other command of `admin` asks the Worker's rules.
      const { describeAccess } = await import("./describe-access.ts");
      const { ownFeatures } = await import("../../../worker/features.ts");
      const access = describeAccess(settings, { email, groups: group }, ownFeatures.scopes);
      console.log(json ? toJson(access) : formatAccess(access, { email, groups: group }, stack));
    });
}

function takeAddress(value: string): string {
  if (/^[^\s@]+@[^\s@]+$/.test(takeValue(value))) return value;
  throw new InvalidArgumentError("That is not an email address. Example: ada@example.com");
}

/** @throws UserError for a stack that is not there, or a setting that cannot be read. */
async function readAccessSettings(stack: string): Promise<AccessSettings> {
  // Loaded here: a help text need not wait for the settings' schema.
  const [{ readConfig, readProjectName }, { findProject }, { pickSettings, readSetting }] =
    await Promise.all([
      import("../stack/backend.ts"),
      import("../stack/outputs.ts"),
      import("../stack/stack-values.ts"),
    ]);
  const folder = findProject();
  const values = pickSettings(await readProjectName(folder), await readConfig(stack, folder));
  const read = Object.fromEntries(
    names.map((name) => {
      const value: unknown = readSetting(values, name);
      if (value === undefined && values[name] !== undefined) {
        throw new UserError(
          `${name}: the stack's setting cannot be read. \`npx pulumi preview\` says what is wrong with it.`,
        );
      }
      return [name, value];
    }),
  );
  return read as unknown as AccessSettings;
}

export function formatAccess(access: Access, { email, groups }: Somebody, stack: string): string {
  const { mayEnter, because, scopes, byGroup, unknownGroups } = access;
  const list = (entries: readonly string[]) => entries.map(toTerminalText).join(", ") || "none";
  const facts = formatTable(
    ["Person", toTerminalText(email)],
    [
      ["Sign-in", `${mayEnter ? "yes" : "no"}: ${because}`],
      ["Groups", list(groups)],
      ["Scopes at most", mayEnter ? list(scopes) : "none"],
    ],
  );
  const rows = Object.entries(byGroup).map(([group, own]) => [toTerminalText(group), list(own)]);
  return [
    `By the settings of the stack ${stack}:`,
    facts,
    ...(rows.length > 0 ? [formatTable(["Group", "Scopes at most"], rows)] : []),
    ...(unknownGroups.length > 0 ? [`No setting names ${list(unknownGroups)}.`] : []),
  ].join("\n\n");
}
