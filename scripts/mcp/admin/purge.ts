import { Command } from "commander";
import { carryOut } from "./carry-out.ts";
import { count } from "./format.ts";
import { openNamed } from "./open-named.ts";
import type { AdminServer } from "./open-server.ts";
import { planPurge } from "./plan-purge.ts";

const details = `
Grants of clients that the stack's settings name, and of those with a metadata document, stay.
`;

/** `admin purge`: removes what no longer opens anything. */
export function createPurgeCommand(): Command {
  return new Command("purge")
    .summary("remove what no longer opens anything; a dry run unless --yes is given")
    .description(
      "Removes what no longer opens anything: grants that have expired or whose client is not registered any more, and access tokens without a grant. The Worker does the same by itself, a part every hour.",
    )
    .option("--yes", "do it; without it, it is only said what would be done")
    .addHelpText("after", details)
    .action(async ({ yes }: { readonly yes?: true }, command: Command) => {
      await purge(await openNamed(command), yes === true);
    });
}

async function purge(server: AdminServer, isMeant: boolean): Promise<void> {
  const found = await planPurge(server);
  const checked = `Looked at ${count(found.grantsChecked, "grant")} and ${count(found.tokensChecked, "access token")}.`;
  const { deleted } = server.kv;
  if (deleted.length === 0) {
    console.log(`${checked} Nothing to purge.`);
    return;
  }
  const grants = deleted.filter((key) => key.startsWith("grant:"));
  const tokens = deleted.length - grants.length;
  const what = `${count(grants.length, "grant")} and ${count(tokens, "access token")}`;
  console.log(checked);
  for (const key of grants) console.log(`  grant ${key.slice("grant:".length)}`);
  if (!isMeant) {
    console.log(`Dry run: nothing was changed. With --yes this removes ${what}.`);
    return;
  }
  await carryOut(server.account, { ended: [], deleted });
  console.log(`Removed ${what}.`);
}
