import { readAnnotation, readStackName } from "../../../infra/version.ts";
import type { Explorer } from "../stack/explore.ts";

/** Workers whose versions are looked at, at most: a call each. */
const mostAsked = 20;

/** Which stack uploaded each of these Workers last, of any backend. One that no stack did is left out. */
export async function findUploaders(
  { accountId: account_id, seek }: Explorer,
  workers: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const asked = workers.slice(0, mostAsked).map(async (name): Promise<[string, string][]> => {
    const looked = await seek("scripts", (client) =>
      client.workers.scripts.versions.list(name, { account_id, per_page: 100 }),
    );
    const page = "found" in looked ? looked.found : undefined;
    const [stack] = (page?.getPaginatedItems() ?? []).flatMap(
      (version) => readStackName(readAnnotation(version, "workers/message") ?? "") ?? [],
    );
    return stack === undefined ? [] : [[name, stack]];
  });
  return new Map((await Promise.all(asked)).flat());
}
