import type { WorkerEnv } from "../env.ts";
import { ToolError } from "../kit/tool-error.ts";
import { listPeople } from "./people.ts";
import type { Entry, Json, PersonStorage } from "./person-storage.ts";
import type { StorageProblem, StoredPage, StoredRow } from "./stored-row.ts";

/** The most characters of a key or of a collection's name. */
export const longestKey = 256;

const keyForm = new RegExp(`^\\P{Cc}{1,${longestKey}}$`, "u");

/** The most bytes of one value as JSON. */
export const largestValue = 65_536;

/** The storage of one person. The id is theirs alone, so nobody reaches anybody else's. */
export function openPersonStorage(env: WorkerEnv, userId: string): PersonStorage {
  const people = listPeople(env);
  // Made when first used: most calls store nothing.
  const stub = () => people.get(people.idFromName(userId));
  return {
    async get(collection, key) {
      const row = await stub().read(collection, key);
      return row && toEntry(row);
    },
    async put(collection, key, value) {
      if (!keyForm.test(key)) {
        throw new ToolError(
          `A key must have 1 to ${longestKey} characters, none of them a control character. Use another.`,
        );
      }
      refuseProblem(await stub().write(collection, key, toJson(value)));
    },
    delete: (collection, key) => stub().remove(collection, key),
    async list(collection, options = {}) {
      const page: StoredPage | StorageProblem = await stub().list(collection, options);
      const { entries, cursor } = refuseProblem(page);
      return { entries: entries.map(toEntry), cursor };
    },
    async append(collection, value, keep) {
      refuseProblem(await stub().append(collection, toJson(value), keep));
    },
    async exportPage(cursor) {
      const page: StoredPage | StorageProblem = await stub().exportPage(cursor);
      const { entries, cursor: next } = refuseProblem(page);
      return {
        entries: entries.map((row) => ({ collection: row.collection, ...toEntry(row) })),
        cursor: next,
      };
    },
    deleteAll: () => stub().clear(),
  };
}

function refuseProblem<Result extends object>(result: Result | StorageProblem): Result {
  if ("problem" in result) throw new ToolError(String(result.problem));
  return result as Result;
}

function toEntry({ key, value, updatedAt }: StoredRow): Entry {
  return { key, value: JSON.parse(value) as Json, updatedAt };
}

function toJson(value: Json): string {
  const json = JSON.stringify(value);
  if (new TextEncoder().encode(json).length > largestValue) {
    throw new ToolError(`A value may have ${largestValue} bytes as JSON. Store less, or in parts.`);
  }
  return json;
}
