import { isMap, isNode, isScalar, type Pair, parseDocument } from "yaml";

/**
 * Upstream's text of a YAML file, with the values that some keys at the top have in theirs. All else stays as it is,
 * comments too.
 * @param from their text.
 */
export function keepYamlKeys(text: string, from: string, keys: readonly string[]): string {
  return keys.reduce((result, key) => {
    const theirs = findPair(from, key);
    const here = findPair(result, key);
    if (theirs === undefined) return here === undefined ? result : cut(result, here);
    if (here === undefined) return `${theirs.source}\n${result}`;
    return result.slice(0, here.start) + theirs.source + result.slice(here.end);
  }, text);
}

interface FoundPair {
  /** Where the key begins and the value ends. */
  readonly start: number;
  readonly end: number;
  readonly source: string;
}

function findPair(text: string, key: string): FoundPair | undefined {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) return undefined;
  const pair = contents.items.find((one: Pair) => isScalar(one.key) && one.key.value === key);
  if (pair === undefined || !isNode(pair.key) || !isNode(pair.value)) return undefined;
  const [start, end] = [pair.key.range?.[0], pair.value.range?.[1]];
  if (start === undefined || end === undefined) return undefined;
  // A comment beside the value is of the person too. A text of several lines ends with its line end.
  const [beside = ""] = /^[ \t]*#.*/.exec(text.slice(end)) ?? [];
  const source = `${text.slice(start, end)}${beside}`.trimEnd();
  return { start, end: start + source.length, source };
}

function cut(text: string, { start, end }: FoundPair): string {
  return text.slice(0, start) + text.slice(end).replace(/^[^\n]*\n/, "");
}
