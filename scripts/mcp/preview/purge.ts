import { carryOut } from "../admin/carry-out.ts";
import { openServer } from "../admin/open-server.ts";
import { planPurge } from "../admin/plan-purge.ts";
import { readStack } from "../admin/stack.ts";
import { toShortName } from "../stack/short-name.ts";
import { readProjectName } from "../stack/workspace.ts";
import { holdCheckout } from "./checkout-lock.ts";
import { writeSettings } from "./settings-file.ts";

/**
 * Removes expired OAuth data of a deployed preview, which has no cron trigger to do it.
 * @returns records that were removed.
 * @throws UserError where the account cannot be reached, or the token may not do this.
 */
export function purge(stack: string): Promise<number> {
  return holdCheckout(
    toShortName(stack),
    () => {},
    async () => {
      // Where its account is named, if the variables do not.
      await writeSettings(await readProjectName(), toShortName(stack));
      const quiet = () => {};
      const server = await openServer(await readStack(stack), quiet);
      await planPurge(server, quiet);
      const { deleted } = server.kv;
      if (deleted.length > 0) await carryOut(server.account, { ended: [], deleted }, quiet);
      return deleted.length;
    },
  );
}
