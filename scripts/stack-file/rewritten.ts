import { UserError } from "../errors.ts";
import type { Value } from "./value.ts";

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
export function rewriteValue(value: Value, key: string): Value {
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
