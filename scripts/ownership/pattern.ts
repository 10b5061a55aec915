/**
 * Whether a path of the repository is of a pattern.
 * @param pattern folders and names joined by `/`; `*` matches any part of one name, `/**` at the end for everything
 *   below a folder. Nothing else is special.
 */
export function matchesPattern(pattern: string, path: string): boolean {
  const source = pattern
    .split("/")
    .map((part) =>
      part === "**" ? ".+" : part.replace(/[.+?^${}()|[\]]/g, "\\$&").replaceAll("*", "[^/]*"),
    )
    .join("/");
  return new RegExp(`^${source}$`).test(path);
}

/** What is wrong with a pattern; `undefined` for a good one. */
export function findPatternProblem(pattern: string): string | undefined {
  if (pattern === "" || pattern.startsWith("/") || pattern.includes("\\")) {
    return "write it from the top of the repository, with /";
  }
  const parts = pattern.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return "it has an empty part, or . or ..";
  }
  const folder = parts.slice(0, -1);
  if (folder.some((part) => part.includes("**")) || /\*\*./.test(parts.at(-1) ?? "")) {
    return "** must stand alone at the end";
  }
  return parts[0] === "**" ? "it covers the whole repository" : undefined;
}
