import { isMap, isScalar } from "yaml";
import { UserError } from "../errors.ts";
import { type LockedPackage, listNeededOnlyBy } from "../ownership/packages.ts";
import { findSetting, listKeys, openStackFile } from "../stack-file/open.ts";
import { toKey } from "../stack-file/read.ts";
import type { ServerIdentity } from "./server-words.ts";

/**
 * The text of Pulumi.yaml with another name and description. All other lines stay as they are.
 * @throws UserError when it has no such line at its top.
 */
export function renameProject(text: string, { name, description }: ServerIdentity): string {
  const replaceLine = (before: string, key: string, value: string) => {
    const line = new RegExp(`^${key}:.*$`, "m");
    if (!line.test(before)) {
      throw new UserError(
        `Pulumi.yaml has no line "${key}: …" at its top. Add one, then run this again.`,
      );
    }
    return before.replace(line, () => `${key}: ${value}`);
  };
  // JSON's strings are YAML's, whatever is in them.
  const quoted = JSON.stringify(description);
  return replaceLine(replaceLine(text, "name", name), "description", quoted);
}

/**
 * The text of a stack's settings file with the settings under another project's name, and with the
 * server's own name and title. Comments and everything else stay.
 * @param file as it is called in an error.
 * @param former namespaces under which the project's settings may be now.
 * @throws UserError for a text that is not a settings file.
 */
export function renameStackFile(
  text: string,
  file: string,
  former: readonly string[],
  { name, title }: Pick<ServerIdentity, "name" | "title">,
): string {
  const { document, print } = openStackFile(text, file);
  const config: unknown = document.get("config");
  if (isMap(config)) {
    for (const { key } of config.items) {
      if (!isScalar(key)) continue;
      const [namespace = "", setting] = (toKey(String(key.value), name) ?? "").split(":");
      if (former.includes(namespace)) key.value = `${name}:${setting}`;
    }
  }
  const has = (setting: string) =>
    listKeys(document).some((key) => toKey(key, name) === `${name}:${setting}`);
  if (has("serverName")) document.setIn(findSetting(document, name, "serverName"), name);
  const path = findSetting(document, name, "serverTitle");
  // The words in brackets distinguish the stacks: "(preview)".
  const kind = / \([^()]+\)$/.exec(String(document.getIn(path) ?? ""))?.[0] ?? "";
  document.setIn(path, title + kind);
  return print();
}

/** Upstream's own, which would be wrong in another's package. */
const upstreamFields = ["repository", "homepage", "bugs", "author", "contributors", "funding"];

/** What becomes of a package. */
interface PackageChange extends Pick<ServerIdentity, "name" | "description"> {
  readonly version: string;
  /** Names of dependencies that nothing uses any more. */
  readonly unused: readonly string[];
}

/** The text of package.json with a server's own names. Scripts, other packages and the order of all stay. */
export function renamePackage(text: string, change: PackageChange): string {
  const { name, version, description, unused } = change;
  const all = JSON.parse(text) as WithDependencies;
  const kept = Object.entries(withoutUnused(all, unused)).filter(
    ([key]) => !upstreamFields.includes(key),
  );
  return print({ ...Object.fromEntries(kept), name, version, description });
}

/** The text of package-lock.json after `renamePackage`. */
export function renameLock(text: string, { name, version, unused }: PackageChange): string {
  const lock = JSON.parse(text) as { packages: Readonly<Record<string, LockedTop>> };
  const top = withoutUnused({ ...lock.packages[""], name, version }, unused);
  const others = { ...top.dependencies, ...top.devDependencies, ...top.optionalDependencies };
  const gone = new Set(listNeededOnlyBy(lock.packages, unused, Object.keys(others)));
  const kept = Object.entries(lock.packages).filter(([path]) => !gone.has(path));
  return print({ ...lock, name, version, packages: { ...Object.fromEntries(kept), "": top } });
}

interface WithDependencies {
  readonly dependencies?: Readonly<Record<string, string>> | undefined;
}

/** The entry of the lock's top, or of a package, which lacks what only the top has. */
interface LockedTop extends LockedPackage {
  readonly devDependencies?: Readonly<Record<string, string>> | undefined;
}

function withoutUnused<Content extends WithDependencies>(
  content: Content,
  unused: readonly string[],
): Content {
  const { dependencies } = content;
  if (dependencies === undefined) return content;
  const kept = Object.entries(dependencies).filter(([name]) => !unused.includes(name));
  return { ...content, dependencies: Object.fromEntries(kept) };
}

function print(content: unknown): string {
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
