import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { visit } from "unist-util-visit";
import { projectRoot } from "../../infra/bundle.ts";
import { readOwnership } from "../../scripts/ownership/ownership.ts";

type Root = ReturnType<typeof fromMarkdown>;

/** A page of the documentation, parsed as GitHub does. */
export interface Document {
  /** From the root of the checkout. */
  readonly path: string;
  readonly text: string;
  readonly tree: Root;
}

/** A piece of a page, and where it is. */
export interface Found<Value> {
  readonly value: Value;
  /** `docs/deploy.md:12` */
  readonly at: string;
}

/** A fenced block. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** The comment right before it, without its dashes: who runs it, or what it needs. */
  readonly mark: string | undefined;
}

/** Parses a page. */
export function parseDocument(path: string, text: string): Document {
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  return { path, text, tree };
}

/** Every page of ours: those at the root, and what is in `docs/`. */
export function readDocuments(): Promise<Document[]> {
  return readPages((path) => !ownership.isTheirs(path));
}

/** The pages of the person whose server this is: their README, and what is told of their server in `docs/`. */
export function readTheirDocuments(): Promise<Document[]> {
  return readPages((path) => ownership.isTheirs(path));
}

/** Whose each file is. */
export const ownership = readOwnership(projectRoot);

async function readPages(isWanted: (path: string) => boolean): Promise<Document[]> {
  const paths = (await listFiles()).filter(
    (path) => /^(?:[A-Z]+|docs\/(?:decisions\/|server\/)?[\w-]+)\.md$/.test(path) && isWanted(path),
  );
  return Promise.all(paths.map(async (path) => parseDocument(path, await readProject(path))));
}

/** Text of a file of the checkout. */
export function readProject(path: string): Promise<string> {
  return readFile(join(projectRoot, path), "utf8");
}

/** Every file that is there and that Git knows, or does not ignore. */
export async function listFiles(): Promise<string[]> {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const { stdout } = await promisify(execFile)("git", args, { cwd: projectRoot });
  // One that was deleted and not yet staged is still listed.
  return stdout.split("\n").filter((path) => path !== "" && existsSync(join(projectRoot, path)));
}

/** The anchors that GitHub gives to the headings of a page. */
export function listAnchors({ tree }: Document): string[] {
  const seen = new Map<string, number>();
  const anchors: string[] = [];
  visit(tree, "heading", (heading) => {
    let text = "";
    visit(heading, ["text", "inlineCode"], (node) => {
      if ("value" in node) text += node.value;
    });
    const name = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    anchors.push(before === 0 ? name : `${name}-${before}`);
  });
  return anchors;
}

/** Addresses of links and pictures. */
export function listTargets(document: Document): Found<string>[] {
  const found: Found<string>[] = [];
  visit(document.tree, (node) => {
    const at = locate(document, node);
    if (node.type === "html") {
      // Markdown has no width for a picture.
      for (const [, value = ""] of node.value.matchAll(/ src="([^"]+)"/g))
        found.push({ value, at });
    } else if ("url" in node) found.push({ value: node.url, at });
  });
  return found;
}

/** Texts between single backticks. */
export function listInlineCode(document: Document): Found<string>[] {
  const found: Found<string>[] = [];
  visit(document.tree, "inlineCode", (node) => {
    found.push({ value: node.value, at: locate(document, node) });
  });
  return found;
}

/** Fenced blocks, each with its mark. */
export function listBlocks(document: Document): Found<Block>[] {
  const found: Found<Block>[] = [];
  visit(document.tree, "code", (node, index, parent) => {
    const mark = readMark(parent, index);
    const value = { language: node.lang ?? "", text: node.value, mark };
    found.push({ value, at: locate(document, node) });
  });
  return found;
}

/** The shell commands of a block, an output beside them left out. A command may go over lines. */
export function listCommands({ language, text }: Block): string[] {
  const lines = text.replaceAll("\\\n", " ").split("\n");
  if (language === "sh") return lines.filter((line) => line.trim() !== "");
  if (language !== "") return [];
  return lines.flatMap((line) => (line.startsWith("$ ") ? line.slice(2) : []));
}

/** Everything that reads like a command: those of blocks, and inline code. */
export function listAllCommands(document: Document): Found<string>[] {
  const inBlocks = listBlocks(document).flatMap(({ value, at }) =>
    listCommands(value).map((command) => ({ value: command, at })),
  );
  return [...inBlocks, ...listInlineCode(document)];
}

/** Tells how much a check looked at: one that looks at nothing holds nothing. */
export function tellCount(what: string, count: number): void {
  console.log(`docs check: ${count} ${what}`);
}

function locate({ path }: Document, { position }: Pick<Root, "position">): string {
  return `${path}:${position?.start.line ?? 0}`;
}

function readMark(
  parent: { readonly children: readonly Root["children"][number][] } | undefined,
  index: number | undefined,
): string | undefined {
  const before = parent?.children[(index ?? 0) - 1];
  if (before?.type !== "html") return undefined;
  return /^<!-- (.+) -->$/.exec(before.value)?.[1];
}
