import {
  applyEdits,
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { type DocumentFormat, EditFault, SyntaxFault } from "./document.ts";
import { addProperty, cutProperty, replaceValue } from "./jsonc-edits.ts";

/** JSON with comments and trailing commas, as editors read it. */
export const jsonc: DocumentFormat = {
  read(text) {
    const root = parse(text);
    return root === undefined ? {} : getNodeValue(root);
  },

  setEntry(text, section, name, entry) {
    const root = parse(text);
    if (root === undefined) return `${jsonc.show(section, name, entry)}\n`;
    const servers = findNodeAtLocation(root, [section]);
    if (servers === undefined) {
      return applyEdits(text, addProperty(text, root, section, { [name]: entry }));
    }
    const old = findNodeAtLocation(servers, [name]);
    const edits =
      old === undefined ? addProperty(text, servers, name, entry) : replaceValue(text, old, entry);
    return applyEdits(text, edits);
  },

  removeEntry(text, section, name) {
    const root = parse(text);
    const servers = root && findNodeAtLocation(root, [section]);
    const property = servers?.children?.find((child) => child.children?.[0]?.value === name);
    if (servers === undefined || property === undefined) return text;
    return applyEdits(text, cutProperty(text, servers, property));
  },

  copyEntry(text, section, name, from) {
    const old = find(from, section, name);
    if (old === undefined) return text;
    const source = from.slice(old.offset, old.offset + old.length);
    const now = find(text, section, name);
    if (now !== undefined) {
      return applyEdits(text, [{ offset: now.offset, length: now.length, content: source }]);
    }
    // Where it goes is found with something that is not yet there.
    const added = jsonc.setEntry(text, section, name, {});
    const made = find(added, section, name);
    if (made === undefined) throw new EditFault("The entry has no place in the file.");
    return applyEdits(added, [{ offset: made.offset, length: made.length, content: source }]);
  },

  show: (section, name, entry) => JSON.stringify({ [section]: { [name]: entry } }, null, 2),
};

function find(text: string, section: string, name: string): Node | undefined {
  const root = parse(text);
  return root && findNodeAtLocation(root, [section, name]);
}

/** @returns undefined for an empty text. @throws SyntaxFault */
function parse(text: string): Node | undefined {
  if (text.trim() === "") return undefined;
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) throw createFault(text, describe(first), first.offset);
  if (root?.type !== "object") throw createFault(text, "the file is no object", root?.offset ?? 0);
  return root;
}

/** `PropertyNameExpected` as words. */
function describe({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replace(/(?!^)([A-Z])/g, " $1")
    .toLowerCase();
}

function createFault(text: string, message: string, offset: number): SyntaxFault {
  const lines = text.slice(0, offset).split("\n");
  return new SyntaxFault(message, lines.length, (lines.at(-1)?.length ?? 0) + 1);
}
