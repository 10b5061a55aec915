import type { DeployedBinding } from "../../../infra/deployed-worker.ts";
import { isRecord, readJson } from "../../json.ts";
import type { DeclaredBinding } from "../stack/declared.ts";
import { isSecretValue } from "../stack/properties.ts";
import type { Difference } from "./difference.ts";

/** A name whose value may be a secret that somebody has put in the wrong place. */
const secretLike = /key|secret|token|password|credential/i;

/** Characters of a value that a report shows. */
const shownLength = 80;

/**
 * Every binding that is missing, added or changed since it was uploaded. Members that the API adds by
 * itself are not a difference; a secret's value is not shown by the API.
 */
export function compareBindings(
  declared: readonly DeclaredBinding[],
  live: readonly DeployedBinding[],
): Difference[] {
  const found = new Map(live.map((binding) => [binding.name, binding]));
  const known = new Set(declared.map(({ name }) => name));
  const added = live.filter(({ name }) => !known.has(name));
  return [
    ...declared.flatMap((binding) => compare(binding, found.get(binding.name))),
    ...added.map(
      (binding): Difference => ({
        what: `binding ${binding.name}`,
        expected: "none",
        found: `${binding.type}, added by somebody`,
        remedy:
          "If it is meant, put it into the program. `--repair` uploads the Worker without it; a secret's value is gone then.",
        mend: "upload",
      }),
    ),
  ];
}

const uploadsAgain = "`--repair` uploads the Worker with the stack's own again.";

function compare(declared: DeclaredBinding, live: DeployedBinding | undefined): Difference[] {
  const { name, type } = declared;
  const what = `binding ${name}`;
  if (live === undefined) {
    return [{ what, expected: type, found: "missing", remedy: uploadsAgain, mend: "upload" }];
  }
  // Kept from the version before, as an adopted Worker's secrets are: whatever it is there.
  if (type === "inherit") return [];
  if (live.type !== type) {
    return [{ what, expected: type, found: live.type, remedy: uploadsAgain, mend: "upload" }];
  }
  return listMembers(declared, live).map((member) => ({
    what: `${what} (${type})${member.path === "" ? "" : `, ${member.path}`}`,
    expected: show(declared, member.path, member.expected),
    found: show(declared, member.path, member.found),
    remedy: uploadsAgain,
    mend: "upload",
  }));
}

interface Member {
  readonly path: string;
  readonly expected: unknown;
  readonly found: unknown;
}

function listMembers(declared: DeclaredBinding, live: DeployedBinding): Member[] {
  const { name: _name, type, ...given } = declared;
  // A member that a state has as null is one that is not there.
  const members = Object.entries(given).filter(([, value]) => value !== null);
  const expected: Record<string, unknown> = Object.fromEntries(members);
  // The program's own hash of it, or a value that only the Worker sees.
  if (type === "secret_text" || Object.values(expected).some(isSecretValue)) return [];
  if (type === "json") {
    // The provider takes JSON as a text, the API shows it as a value.
    return listDifferent(readJson(expected.json), readJson(live.json), "", true);
  }
  const found = toCamelCase(live);
  // D1 has two names for its id.
  return listDifferent(expected, { id: found.databaseId, ...found }, "", false);
}

/**
 * @param isExact whether a member that only the second has is a difference, too.
 */
function listDifferent(
  expected: unknown,
  found: unknown,
  path: string,
  isExact: boolean,
): Member[] {
  if (JSON.stringify(expected ?? null) === JSON.stringify(found ?? null)) return [];
  const whole = [{ path, expected, found }];
  const one = toMembers(expected, found);
  const other = toMembers(found, expected);
  if (one === undefined || other === undefined) return whole;
  const names = new Set([...one.keys(), ...(isExact ? other.keys() : [])]);
  const members = [...names].flatMap((name) =>
    listDifferent(one.get(name), other.get(name), path === "" ? name : `${path}.${name}`, isExact),
  );
  // Of a list the order alone may be another one.
  return members.length === 0 && Array.isArray(expected) ? whole : members;
}

/** By one of these the members of a list are told apart: machine clients, companies, registered clients. */
const naming = ["name", "issuer", "clientId"] as const;

/**
 * Members of an object, or of a list by their names; undefined for what has none.
 * @param beside what it is compared with: if that is a list with names, there being none is an empty one.
 */
function toMembers(value: unknown, beside?: unknown): ReadonlyMap<string, unknown> | undefined {
  if (isRecord(value)) return new Map(Object.entries(value));
  const isNone = value === undefined || (Array.isArray(value) && value.length === 0);
  if (isNone) return Array.isArray(beside) && toMembers(beside) ? new Map() : undefined;
  if (!Array.isArray(value) || !value.every(isRecord)) return undefined;
  for (const name of naming) {
    const named = new Map(value.map((member) => [String(member[name] ?? ""), member]));
    if (named.size === value.length && !named.has("")) return named;
  }
  return undefined;
}

function toCamelCase(binding: DeployedBinding): Record<string, unknown> {
  const entries = Object.entries(binding).map(([name, value]): [string, unknown] => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries);
}

function show({ name, type }: DeclaredBinding, path: string, value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  // A report may be read by everybody, and only what this project put there is known to be no secret.
  const isKnown = type === "json" ? name === "SETTINGS" : type !== "plain_text";
  if (!isKnown || secretLike.test(path)) return "another value (not shown)";
  const text = JSON.stringify(value);
  return text.length > shownLength ? `${text.slice(0, shownLength - 1)}…` : text;
}
