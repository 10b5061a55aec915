import { parse } from "yaml";
import type { Git } from "./git.ts";
import { readTextIn, type Tree } from "./tree.ts";

export interface Sides {
  /** Upstream, as it was when this server was last like it. */
  readonly base: Tree;
  /** This server. */
  readonly theirs: Tree;
  /** Upstream, as it will be. */
  readonly upstream: Tree;
}

/** Lists what a person has to know or do before the next deployment. Reads both trees, and runs nothing. */
export async function listToDo(git: Git, sides: Sides): Promise<string[]> {
  return [
    ...(await listSteps(git, sides)),
    ...(await listSettings(git, sides)),
    ...(await listNode(git, sides)),
  ];
}

const historyFile = "worker/durable-objects.ts";

async function listSteps(git: Git, { base, theirs, upstream }: Sides): Promise<string[]> {
  const read = async (tree: Tree) => parseSteps((await readTextIn(git, tree, historyFile)) ?? "");
  const known = new Set([...(await read(base)), ...(await read(theirs))].map(({ tag }) => tag));
  return (await read(upstream))
    .filter(({ tag }) => !known.has(tag))
    .map(({ tag, what }) => {
      const data = what.includes("delete") ? " It deletes data." : "";
      return `Durable Object step ${tag} (${what}): the next deployment sends it, and it cannot be taken back.${data} Deploy to dev first.`;
    });
}

/** Steps of the list `durableObjectHistory`: their tags, and what each says. */
function parseSteps(text: string): { readonly tag: string; readonly what: string }[] {
  const [, list = ""] = /durableObjectHistory\b[^=]*=\s*\[(.*)\];/s.exec(text) ?? [];
  return list
    .split(/\btag:\s*/)
    .slice(1)
    .flatMap((part) => {
      const [, tag = "", rest = ""] = /^"([^"]+)"(.*)$/s.exec(part) ?? [];
      const what = rest
        .replaceAll(/\/\/.*$|\/\*.*?\*\//gms, "")
        .replaceAll(/[{}[\]"]/g, "")
        .split(/[\s,]+/)
        .filter((word) => word !== "")
        .join(" ");
      return tag === "" ? [] : [{ tag, what }];
    });
}

const projectFile = "Pulumi.yaml";

async function listSettings(git: Git, { base, theirs, upstream }: Sides): Promise<string[]> {
  const read = async (tree: Tree) => readSettings(await readTextIn(git, tree, projectFile));
  const [before, after] = [await read(base), await read(upstream)];
  const stacks = await readStacks(git, theirs);
  const gone = Object.keys(before).filter((key) => !(key in after));
  const changed = Object.keys(before).filter(
    (key) => key in after && tellDefault(before[key]) !== tellDefault(after[key]),
  );
  return [
    ...gone.map((key) => {
      const files = stacks.filter(({ keys }) => keys.has(key)).map(({ file }) => file);
      const next =
        files.length > 0 ? `take it out of ${files.join(", ")}` : "no stack file here sets it";
      return `The setting ${key} is gone: ${next}.`;
    }),
    ...changed.flatMap((key) => {
      const files = stacks.filter(({ keys }) => !keys.has(key)).map(({ file }) => file);
      if (files.length === 0) return [];
      return `The setting ${key} has another default: ${tellDefault(after[key])}, not ${tellDefault(before[key])}. To keep it as it was, set it in ${files.join(", ")}.`;
    }),
  ];
}

function readSettings(text: string | undefined): Readonly<Record<string, unknown>> {
  const config = asObject(asObject(parse(text ?? "")).config);
  // Settings of Pulumi's own and of other packages have a namespace.
  return Object.fromEntries(Object.entries(config).filter(([key]) => !key.includes(":")));
}

function tellDefault(setting: unknown): string {
  return JSON.stringify(asObject(setting).default ?? "");
}

/** Which settings each stack file sets. The key's namespace is the project, whatever it is called. */
async function readStacks(git: Git, tree: Tree) {
  const files = [...tree.keys()].filter((path) => /^Pulumi\.[^/]+\.yaml$/.test(path)).sort();
  return Promise.all(
    files.map(async (file) => {
      const config = asObject(asObject(parse((await readTextIn(git, tree, file)) ?? "")).config);
      const keys = Object.keys(config).map((key) => key.slice(key.indexOf(":") + 1));
      return { file, keys: new Set(keys) };
    }),
  );
}

async function listNode(git: Git, { base, upstream }: Sides): Promise<string[]> {
  const read = async (tree: Tree) => {
    const text = await readTextIn(git, tree, "package.json");
    return String(asObject(asObject(text && JSON.parse(text)).engines).node ?? "");
  };
  const [before, after] = [await read(base), await read(upstream)];
  return before === after || after === ""
    ? []
    : [`Node.js ${after} is needed (before: ${before}). \`npm ci\` brings it for most machines.`];
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
