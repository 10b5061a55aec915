import { isCompanyGrant } from "../../../worker/oauth/company/grant-id.ts";
import { toEndedKey } from "../../../worker/oauth/gate/ended-outside.ts";
import { UserError } from "../../errors.ts";
import { count } from "../../terminal/format.ts";
import { type AccountKv, mostChanged, split } from "./account-kv.ts";

export interface KvChanges {
  /** Keys of grants that are to stay ended, whatever a gate remembers of them. */
  readonly ended: readonly string[];
  /** Keys to delete, in this order: it leaves a grant for a second try until its tokens are gone. */
  readonly deleted: readonly string[];
}

/** Seconds for which the end of a grant is noted: no refresh token of its lives longer unused. */
const noteLifetime = 400 * 24 * 3600;

/**
 * Changes what a plan names.
 * @param onProgress is told how far a long one is.
 * @throws UserError that says how far it got and how to continue.
 */
export async function changeKv(
  account: Pick<AccountKv, "writeKeys" | "deleteKeys">,
  { ended, deleted }: KvChanges,
  onProgress: (line: string) => void = (line) => console.error(line),
): Promise<void> {
  let done = 0;
  try {
    // First, or a refresh that comes between would bring a grant back.
    for (const names of split(ended.filter((key) => !isOfCompany(key)).map(toNote), mostChanged)) {
      await account.writeKeys(names, "operator", noteLifetime);
    }
    // The company's next assertion would bring it back, on whichever day it comes.
    for (const names of split(ended.filter(isOfCompany).map(toNote), mostChanged)) {
      await account.writeKeys(names, "operator");
    }
    for (const names of split(deleted, mostChanged)) {
      if (done > 0) onProgress(`Deleted ${done} of ${deleted.length} records …`);
      await account.deleteKeys(names);
      done += names.length;
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${error.message}\nIt failed after ${done} of ${count(deleted.length, "record")} ${done === 1 ? "was" : "were"} deleted; some of the next may be gone as well. Run the same command again: it continues with what is left.`,
    );
  }
}

function isOfCompany(grantKey: string): boolean {
  return isCompanyGrant(grantKey.split(":").at(-1) ?? "");
}

function toNote(grantKey: string): string {
  const [, userId = "", grantId = ""] = grantKey.split(":");
  return toEndedKey({ userId, grantId });
}
