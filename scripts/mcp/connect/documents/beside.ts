import { isDeepStrictEqual } from "node:util";
import {
  applyEdits,
  findNodeAtLocation,
  getNodeValue,
  type JSONPath,
  modify,
  type Node,
  parseTree,
} from "jsonc-parser";
import type { Beside } from "../client.ts";
import { EditFault } from "./document.ts";

/** The text with an element in a list beside the entries; the same text if one of its id is there. @throws EditFault */
export function addBeside(text: string, beside: Beside | undefined): string {
  if (beside === undefined) return text;
  const { list, element } = beside;
  const found = findList(text, list);
  if (found === undefined) return edit(text, [list], [element]);
  if (findPlace(found, element.id) !== -1) return text;
  return edit(text, [list, found.children?.length ?? 0], element);
}

/** The text without that element, if it still says the same; a list that becomes empty goes. @throws EditFault */
export function removeBeside(text: string, beside: Beside | undefined): string {
  if (beside === undefined) return text;
  const { list, element } = beside;
  const found = findList(text, list);
  const place = found === undefined ? -1 : findPlace(found, element.id);
  const node = found?.children?.[place];
  if (found === undefined || node === undefined) return text;
  // What the person made of it since is theirs.
  if (!isDeepStrictEqual({ ...getNodeValue(node) }, element)) return text;
  return edit(text, found.children?.length === 1 ? [list] : [list, place], undefined);
}

function findList(text: string, list: string): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const found = root && findNodeAtLocation(root, [list]);
  if (found !== undefined && found.type !== "array")
    throw new EditFault(`"${list}" is not a list.`);
  return found;
}

function findPlace(list: Node, id: string): number {
  const elements = (getNodeValue(list) ?? []) as readonly { readonly id?: unknown }[];
  return elements.findIndex((element) => element?.id === id);
}

function edit(text: string, path: JSONPath, value: unknown): string {
  const eol = /\r?\n/.exec(text)?.[0] ?? "\n";
  const [, step = "  "] = /^([ \t]+)"/m.exec(text) ?? [];
  const insertSpaces = !step.startsWith("\t");
  const formattingOptions = { eol, insertSpaces, tabSize: insertSpaces ? step.length : 1 };
  return applyEdits(text, modify(text, path, value, { formattingOptions }));
}
