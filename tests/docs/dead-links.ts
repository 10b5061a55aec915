import { posix } from "node:path";
import { type Document, listAnchors, listTargets } from "./documents.ts";

/** Links into the project. Nothing here asks the Internet. */
export function listOwnLinks(document: Document) {
  return listTargets(document).filter(({ value }) => !/^[a-z]+:/.test(value));
}

/**
 * Every link that leads nowhere, with what is missing.
 * @param others pages that are linked to, and whose own links are not looked at.
 */
export function findDeadLinks(
  documents: readonly Document[],
  files: readonly string[],
  others: readonly Document[] = [],
): string[] {
  const pages = [...documents, ...others];
  const anchors = new Map(pages.map((document) => [document.path, listAnchors(document)]));
  return documents.flatMap((document) =>
    listOwnLinks(document).flatMap(({ value, at }) => {
      const [target = "", anchor] = value.split("#");
      const path = target === "" ? document.path : posix.join(posix.dirname(document.path), target);
      const isThere = files.some((file) => file === path || file.startsWith(`${path}/`));
      if (!isThere) return `${at} links to ${path}, which is not there`;
      if (anchor === undefined || anchors.get(path)?.includes(anchor)) return [];
      return `${at} links to ${path}#${anchor}, and there is no such heading`;
    }),
  );
}
