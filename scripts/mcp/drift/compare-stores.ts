import { count } from "../../terminal/format.ts";
import type { DeclaredStack } from "../stack/declared.ts";
import type { Looked } from "../stack/explore.ts";
import { compareShown, compareTexts } from "./compare-worker.ts";
import type { Difference } from "./difference.ts";
import type { Live } from "./live.ts";

/** KV namespaces, databases, buckets and Access entries that are gone or changed. */
export function compareStores(declared: DeclaredStack, live: Live): Difference[] {
  return [
    ...compareNamespaces(declared, live),
    ...findLost(
      "D1 database",
      declared.databases,
      live.databases,
      ({ id }, { id: other }) => id === other,
    ),
    ...findLost("R2 bucket", declared.buckets, live.buckets, ({ name }, other) => name === other),
    ...compareAccess(declared, live),
  ];
}

function compareNamespaces({ namespaces }: DeclaredStack, live: Live): Difference[] {
  if ("notChecked" in live.namespaces) return [];
  const all = live.namespaces.found;
  return namespaces.flatMap(({ id, title }): Difference[] => {
    const found = all.find((each) => each.id === id);
    if (found !== undefined) {
      const what = `KV namespace ${id}`;
      if (title === undefined) return [];
      return compareTexts(what, title, found.title, "`--repair` renames it.", "refresh");
    }
    return [
      {
        what: title === undefined ? `KV namespace ${id}` : `KV namespace ${title} (${id})`,
        expected: "in the account",
        found: "missing, with every client and connection in it",
        remedy:
          "What was in it is gone, and nothing brings it back but an export (docs/deploy.md, 10). `--repair` makes a new, empty one, and everybody signs in again.",
        mend: "refresh",
      },
    ];
  });
}

function findLost<Item extends { readonly name: string | undefined; readonly id: string }, Found>(
  kind: string,
  declared: readonly Item[],
  live: Looked<readonly Found[]>,
  isSame: (item: Item, found: Found) => boolean,
): Difference[] {
  if ("notChecked" in live) return [];
  return declared
    .filter((item) => !live.found.some((found) => isSame(item, found)))
    .map(({ name, id }) => ({
      what: `${kind} ${name ?? id}`,
      expected: "in the account",
      found: "missing, with everything in it",
      remedy: "What was in it is gone. `--repair` makes a new, empty one.",
      mend: "refresh",
    }));
}

function compareAccess({ applications, policies }: DeclaredStack, live: Live): Difference[] {
  if ("notChecked" in live.access) return [];
  const { found } = live.access;
  const remedy = "Pages of the server may be open to anybody. `--repair` restores it.";
  const lost = (what: string): Difference => ({
    what,
    expected: "in the account",
    found: "missing",
    remedy,
    mend: "refresh",
  });
  return [
    ...applications.flatMap((application) => {
      const what = `Access application ${application.name ?? application.id}`;
      const seen = found.applications.get(application.id);
      if (seen === undefined) return [lost(what)];
      return [
        ...compareShown(
          `${what}, its addresses`,
          application.destinations && list(application.destinations.map(({ uri }) => uri)),
          list((seen.destinations ?? []).map(({ uri }) => uri)),
          remedy,
          "refresh",
        ),
        ...compareShown(
          `${what}, its policies`,
          application.policies && list(application.policies.map(({ id }) => id)),
          list((seen.policies ?? []).map(({ id }) => id)),
          remedy,
          "refresh",
        ),
      ];
    }),
    ...policies.flatMap((policy) => {
      const what = `Access policy ${policy.name ?? policy.id}`;
      const { includes } = policy;
      const seen = found.policies.get(policy.id);
      if (seen === undefined) return [lost(what)];
      const included = (all: readonly object[]) => list(all.map(toRule));
      return [
        ...compareShown(
          `${what}, what it decides`,
          policy.decision,
          seen.decision ?? "nothing",
          remedy,
          "refresh",
        ),
        ...(includes === undefined || included(includes) === included(seen.include)
          ? []
          : [
              {
                what: `${what}, whom it lets past`,
                expected: `${count(includes.length, "rule")}, of the stack's settings`,
                found: `${count(seen.include.length, "rule")}, not the same`,
                remedy,
                mend: "refresh" as const,
              },
            ]),
      ];
    }),
  ];
}

/** A rule of the API in the provider's words: `email_domain` is `emailDomain`. */
function toRule(rule: object): string {
  return JSON.stringify(rule).replace(/_([a-z])(?=\w*":)/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
}

function list(items: readonly (string | undefined)[]): string {
  return items.length === 0 ? "none" : items.map(String).toSorted().join(", ");
}
