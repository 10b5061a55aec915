import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { CheckFailure } from "./config.ts";
import { unknownValue, type Values } from "./values.ts";

/**
 * The code of a script, from its file or from the property.
 * @param folder in which the file's path begins.
 * @throws Error without the file.
 */
export function readCode({ content, contentFile }: Values, folder: string): Buffer {
  if (typeof contentFile === "string") return readFileSync(resolve(folder, contentFile));
  return Buffer.from(typeof content === "string" ? content : "");
}

/** Hash of code as `contentSha256` has it. */
export function hashCode(code: Buffer): string {
  return createHash("sha256").update(code).digest("hex");
}

/** What a plan is refused for: the real provider opens the file and hashes it at every plan. */
export function checkCode(inputs: Values, folder: string): CheckFailure[] {
  const { content = null, contentFile = null, contentSha256 = null } = inputs;
  if (content !== null && contentFile !== null) {
    return [refuse("content", 'Attribute "contentFile" cannot be specified when "content" is')];
  }
  if (content === null && contentFile === null) {
    return [refuse("content", "one of content, contentFile or assets is required")];
  }
  if (contentFile !== null && contentSha256 === null) {
    return [refuse("contentSha256", "must be specified when contentFile is")];
  }
  if (contentSha256 === null || contentSha256 === unknownValue || contentFile === unknownValue)
    return [];
  return checkHash(inputs, folder);
}

function checkHash(inputs: Values, folder: string): CheckFailure[] {
  const { contentFile, contentSha256 } = inputs;
  try {
    // What is still unknown has another hash too: the real provider refuses it as well.
    const actual = hashCode(readCode(inputs, folder));
    if (contentSha256 === actual) return [];
    const source = contentFile ? `content_file (${contentFile})` : "content";
    const reason = `The provided SHA-256 hash '${contentSha256}' does not match the actual hash '${actual}' of ${source}`;
    return [refuse("contentSha256", `SHA-256 Hash Mismatch. ${reason}`)];
  } catch (error) {
    const reason = `Failed to calculate SHA-256 hash of file '${contentFile}': ${String(error)}`;
    return [refuse("contentSha256", `Hash Calculation Error. ${reason}`)];
  }
}

function refuse(property: string, reason: string): CheckFailure {
  return { property, reason };
}
