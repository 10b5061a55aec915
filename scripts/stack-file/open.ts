import {
  type Document,
  isMap,
  isNode,
  isScalar,
  parseDocument,
  type Scalar,
  type ScalarTag,
  type Tags,
  type ToStringOptions,
  visit,
} from "yaml";
import { checkDocument, parseFirst, toKey, toValue } from "./read.ts";
import { pulumiTags } from "./scalars.ts";
import { findEncrypted } from "./value.ts";

/** A settings file to be changed: comments stay, and every word that is not changed is as it was written. */
export interface OpenStackFile {
  /** The first document of the file, which is all that the Pulumi CLI reads. */
  readonly document: Document;
  /** The file's text, with what follows the first document. */
  print(options?: ToStringOptions): string;
}

type Stringify = NonNullable<ScalarTag["stringify"]>;

/**
 * Opens the text of a settings file, to change it.
 * @param file as it is called in an error.
 * @throws UserError with the place of what is not YAML.
 */
export function openStackFile(text: string, file: string): OpenStackFile {
  const words = new Words();
  const tags = (base: Tags) => pulumiTags(base).map((tag) => words.keepIn(tag));
  const found = parseFirst(text, file, tags);
  const document = found ?? parseDocument(text, { customTags: tags });
  checkDocument(document, file);
  words.remember(document);
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const end = document.range[2];
  return {
    document,
    print: (options) =>
      mark +
      document.toString({ lineWidth: 0, ...options }) +
      (found === undefined ? "" : text.slice(end)),
  };
}

/**
 * The bare words of a document as they are written. The YAML library writes a number from its value,
 * which Pulumi may read as another one: `010` is 8, and 32 digits may be an id.
 */
class Words {
  readonly #values = new WeakMap<Scalar, unknown>();

  remember(document: Document): void {
    visit(document, {
      Scalar: (_key, node) => {
        if (node.type === "PLAIN" && node.source !== undefined) this.#values.set(node, node.value);
      },
    });
  }

  /** The tag, which then writes a word that nobody changed as it was. */
  keepIn(tag: Tags[number]): Tags[number] {
    if (typeof tag === "string" || tag.collection !== undefined) return tag;
    const { stringify } = tag as ScalarTag;
    if (stringify === undefined) return tag;
    const write: Stringify = (node, context, ...others) =>
      this.#find(node, context.inFlow) ?? stringify(node, context, ...others);
    return { ...(tag as ScalarTag), stringify: write };
  }

  /** @returns undefined for a word whose value was changed. */
  #find(node: Scalar, isInFlow: boolean | null): string | undefined {
    const { source } = node;
    if (source === undefined || !this.#values.has(node)) return undefined;
    if (this.#values.get(node) !== node.value) return undefined;
    // The source of a word on several lines is what they say together; in braces it may come from elsewhere.
    const isFree = !source.includes("\n") && !(isInFlow && /[,[\]{}]/.test(source));
    return isFree ? source : undefined;
  }
}

/**
 * Where a setting of the project is in a settings file, or goes: as it is spelled there, with or without
 * its namespace. Two spellings of one setting would be a file that nobody can read.
 */
export function findSetting(document: Document, project: string, name: string): ["config", string] {
  const key = `${project}:${name}`;
  return ["config", listKeys(document).find((written) => toKey(written, project) === key) ?? key];
}

/** Whether a setting has an encrypted value, alone or within a list or an object. */
export function hasEncrypted(document: Document, path: readonly string[]): boolean {
  const node: unknown = document.getIn(path, true);
  if (!isNode(node)) return false;
  return findEncrypted(toValue(node.toJS(document, { mapAsMap: true }))).length > 0;
}

/** Keys of a settings file as they are spelled. */
export function listKeys(document: Document): string[] {
  const config: unknown = document.get("config");
  if (!isMap(config)) return [];
  return config.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : []));
}
