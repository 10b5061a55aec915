import { type Document, isMap, isScalar, parseAllDocuments, type Tags } from "yaml";
import { UserError } from "../errors.ts";
import { pulumiTags } from "./scalars.ts";
import type { Value } from "./value.ts";

/** `<namespace>:<name>` to value. */
export type Values = ReadonlyMap<string, Value>;

/**
 * Reads a text of YAML as the Pulumi CLI does: the first document of it, with Go's idea of a number.
 * @param file as it is called in an error.
 * @returns null for an empty text, and one of comments alone.
 * @throws UserError with the place of what is not YAML.
 */
export function readYaml(text: string, file: string): Value {
  refuseUnreadable(text, file);
  const document = parseFirst(text, file);
  return document === undefined ? null : toContent(document, file);
}

/** go-yaml reads no text with another character. Source: `yaml_parser_update_buffer` of its `readerc.go`. */
const unreadable = /[^\t\n\r -~\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** @throws UserError that names the first character which Pulumi's reader takes in no file. */
function refuseUnreadable(text: string, file: string): void {
  const found = unreadable.exec(text);
  if (found === null) return;
  const code = found[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
  const line = text.slice(0, found.index).split("\n").length;
  throw new UserError(
    `${file} is not YAML: line ${line} has the control character U+${code}. Take it out, or write it as "\\u${code}" between double quotes.`,
  );
}

/**
 * Reads the text of a stack's settings file as the Pulumi CLI does. A key without a namespace is the
 * project's, and `<namespace>:config:<name>` is `<namespace>:<name>`.
 * @throws UserError for what is not YAML or no settings file, for a key that is there twice, and as `rewriteValue`.
 */
export function readStackFile(text: string, file: string, project: string): Values {
  const content = readYaml(text, file);
  if (content === null) return new Map();
  if (!isValueMap(content)) throw new UserError(`${file}: it must be an object of settings.`);
  refuseMisplaced(content.get("environment") ?? null, file, project);
  const config = content.get("config") ?? null;
  if (config === null) return new Map();
  if (!isValueMap(config)) {
    throw new UserError(
      `${file}: "config" must be an object of settings. Write one key a line below it.`,
    );
  }
  const spelled = new Map<string, string>();
  const values = new Map<string, Value>();
  for (const [written, value] of config) {
    const key = toKey(written, project);
    if (key === undefined) {
      throw new UserError(
        `${file}: "${written}" is not the key of a setting. Write <name>, or <namespace>:<name> for another package's.`,
      );
    }
    const other = spelled.get(key);
    if (other !== undefined) {
      throw new UserError(
        `${file}: "${other}" and "${written}" are one setting, and Pulumi takes now the one, now the other. Remove one of them.`,
      );
    }
    spelled.set(key, written);
    values.set(key, rewriteValue(value, `${file}: "${written}"`));
  }
  return values;
}

/**
 * A word at the top is the setting in a wrong place, which would not hold. A list or an object is of
 * Pulumi ESC, which Pulumi Cloud reads: what it sets is not in this file.
 */
function refuseMisplaced(environment: Value, file: string, project: string): void {
  if (environment === null || Array.isArray(environment) || isValueMap(environment)) return;
  throw new UserError(
    `${file}: "environment" at the top is a list of environments of Pulumi ESC. Is the setting meant? Write it below "config:", as ${project}:environment.`,
  );
}

/**
 * Values of a file of local secrets by name. A bare word is taken as it is written: a key of digits is
 * no number.
 * @throws UserError for what is not YAML or no object.
 */
export function readSecretsFile(text: string, file: string): Values {
  const document = parseFirst(text, file);
  const contents = document?.contents ?? null;
  if (document === undefined || (isScalar(contents) && contents.value === null)) return new Map();
  if (!isMap(contents))
    throw new UserError(`${file}: write one secret a line, as <name>: <value>.`);
  const values = new Map<string, Value>();
  for (const [name, value] of toContent(document, file) as Values) {
    const node: unknown = contents.get(name, true);
    const isBare = isScalar(node) && node.type === "PLAIN" && node.source !== undefined;
    values.set(name, isBare ? (node.source ?? "") : value);
  }
  return values;
}

/**
 * The full form of a key as it is written in a settings file.
 * @returns undefined for what is not a key. Source: `config.ParseKey` of Pulumi.
 */
export function toKey(written: string, project: string): string | undefined {
  const parts = written.split(":");
  if (parts.length === 1) return `${project}:${written}`;
  if (parts.length === 2) return written;
  return parts.length === 3 && parts[1] === "config" ? `${parts[0]}:${parts[2]}` : undefined;
}

/**
 * The first document of a text, which is the one that the Pulumi CLI reads.
 * @param customTags what a bare word is taken for.
 * @returns undefined for an empty text. @throws UserError as `readYaml`
 */
export function parseFirst(
  text: string,
  file: string,
  customTags: (tags: Tags) => Tags = pulumiTags,
): Document.Parsed | undefined {
  const documents = parseAllDocuments(text, { customTags, merge: true });
  // An empty stream has none.
  const [first] = Array.isArray(documents) ? documents : [];
  if (first !== undefined) checkDocument(first, file);
  return first;
}

/** @throws UserError for a document with a fault. */
export function checkDocument({ errors: [error] }: Document.Parsed, file: string): void {
  if (error !== undefined) throw new UserError(`${file} is not YAML: ${error.message}`);
}

/** @throws UserError for an alias of nothing, and for aliases that grow without end. */
function toContent(document: Document.Parsed, file: string): Value {
  let found: unknown;
  try {
    found = document.toJS({ mapAsMap: true });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new UserError(`${file} is not YAML: ${error.message}`);
  }
  return toValue(found);
}

/** Converts what the YAML library gives: keys become texts. */
export function toValue(found: unknown): Value {
  if (Array.isArray(found)) return found.map(toValue);
  if (found instanceof Map) {
    return new Map([...found].map(([key, value]) => [String(key), toValue(value)]));
  }
  if (typeof found === "object" && found !== null) return String(found);
  return found as string | bigint | number | boolean | null;
}

export function isValueMap(value: Value | undefined): value is Values {
  return value instanceof Map;
}

/** Characters that go-yaml writes as they are. Source: `is_printable` of its `yamlprivateh.go`. */
const printable = /^[\t\n -~\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/u;

/** It writes a block (`|`) of no text with these. Source: `yaml_emitter_analyze_scalar` of `emitterc.go`. */
const spaceAtEnd = / (?:[\n\u2028\u2029]|$)/;

/**
 * A value of a stack's settings after Pulumi has read the file, written it again and read that, as its CLI does before a
 * program sees it. A text of several lines loses a break that it begins with: go-yaml writes none after the `|`.
 * @param key names the setting in an error.
 * @throws UserError for a text of several lines that begins with a tab: what go-yaml writes, it cannot read.
 */
function rewriteValue(value: Value, key: string): Value {
  if (Array.isArray(value)) return value.map((each) => rewriteValue(each, key));
  if (value instanceof Map) {
    return new Map([...value].map(([name, each]) => [name, rewriteValue(each, key)]));
  }
  if (typeof value !== "string" || !value.includes("\n")) return value;
  if (!printable.test(value) || spaceAtEnd.test(value)) return value;
  if (value.startsWith("\t")) {
    throw new UserError(
      `${key}: a text of several lines begins with a tab, which the Pulumi CLI cannot read. Begin it with spaces or with a word.`,
    );
  }
  return /^[\n\u2028\u2029]/.test(value) ? value.slice(1) : value;
}
