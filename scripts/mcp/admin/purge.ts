import { Command } from "commander";
import { count } from "../../terminal/format.ts";
import { changeKv } from "./change-kv.ts";
import { type AdminServer, openNamed } from "./open-server.ts";

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
    .option("--yes", "do it; without this, only show what would be done")
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
  await changeKv(server.account, { ended: [], deleted });
  console.log(`Removed ${what}.`);
}

/** Records looked at between two lines of progress. */
const batchSize = 1000;

interface Checked {
  readonly grantsChecked: number;
  readonly tokensChecked: number;
}

/** Lets the library clean up over the noting KV, to the end: `server.kv.deleted` has then what is to go. */
export async function planPurge(
  { kv, purgeBatch }: AdminServer,
  onProgress: (line: string) => void = (line) => console.error(line),
): Promise<Checked> {
  // All clients at once: one read each would be a call each.
  await kv.list({ prefix: "client:" });
  await kv.list({ prefix: "grant:" });
  const total = { grantsChecked: 0, tokensChecked: 0 };
  let cursor: string | undefined;
  do {
    const batch = await purgeBatch({ batchSize, ...(cursor !== undefined && { cursor }) });
    total.grantsChecked += batch.grantsChecked;
    total.tokensChecked += batch.tokensChecked;
    cursor = batch.cursor;
    if (cursor !== undefined) {
      onProgress(
        `Looked at ${total.grantsChecked} grants and ${total.tokensChecked} access tokens …`,
      );
    }
  } while (cursor !== undefined);
  return total;
}
