import type { ContentBlock, ResourceContents } from "@modelcontextprotocol/client";
import { toPlainText } from "../../plain-text.ts";
import { toJson } from "../../terminal/format.ts";

/** Contents of a resource: text, or bytes in base64. */
type Contents = ResourceContents & { readonly text?: unknown; readonly blob?: unknown };

/** Blocks of an answer as a person reads them, each on lines of its own. */
export function formatBlocks(blocks: readonly ContentBlock[]): string {
  return blocks.map(formatBlock).join("\n");
}

/** One block: its text, or, if it is not text, what it is. */
export function formatBlock(block: ContentBlock): string {
  switch (block.type) {
    case "text":
      return toPlainText(block.text);
    case "image":
    case "audio":
      return toPlainText(`[${block.mimeType}, ${countBytes(block.data)} bytes]`);
    case "resource_link":
      return toPlainText(`[${block.title ?? block.name}: ${block.uri}]`);
    case "resource":
      return formatContents(block.resource);
  }
}

export function formatContents(contents: Contents): string {
  const { text, blob, uri, mimeType = "bytes" } = contents;
  if (typeof text === "string") return toPlainText(text);
  const size = typeof blob === "string" ? countBytes(blob) : 0;
  return toPlainText(`[${uri}: ${mimeType}, ${size} bytes]`);
}

/**
 * A tool's answer as a person reads it: its text, or else its structured content.
 * @returns no line end.
 */
export function formatAnswer(answer: {
  readonly content?: readonly ContentBlock[] | undefined;
  readonly structuredContent?: unknown;
}): string {
  const { content = [], structuredContent } = answer;
  if (content.length > 0 || structuredContent === undefined) return formatBlocks(content);
  return toJson(structuredContent);
}

function countBytes(base64: string): number {
  return Buffer.byteLength(base64, "base64");
}
