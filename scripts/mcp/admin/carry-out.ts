import { UserError } from "../../errors.ts";
import { type AccountKv, mostDeleted } from "./account-kv.ts";
import { count } from "./format.ts";

/**
 * Deletes what a plan names, in its order, which leaves a grant for a second try until its tokens are
 * gone.
 * @param onProgress is told how far a long one is.
 * @throws UserError that says how far it came and how to go on.
 */
export async function carryOut(
  account: Pick<AccountKv, "deleteKeys">,
  names: readonly string[],
  onProgress: (line: string) => void = (line) => console.error(line),
): Promise<void> {
  for (let done = 0; done < names.length; done += mostDeleted) {
    if (done > 0) onProgress(`Deleted ${done} of ${names.length} records …`);
    try {
      await account.deleteKeys(names.slice(done, done + mostDeleted));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(
        `${error.message}\nIt failed after ${done} of ${count(names.length, "record")} ${done === 1 ? "was" : "were"} deleted; some of the next ${Math.min(mostDeleted, names.length - done)} may be gone as well. Run the same command again: it goes on with what is left.`,
      );
    }
  }
}
