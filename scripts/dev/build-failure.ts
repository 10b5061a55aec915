import { type BuildFailure, formatMessages } from "esbuild";

/**
 * A failed build as text: file:line:column, the message and the lines around it. Undefined for any
 * other error.
 */
export async function formatBuildFailure(error: unknown): Promise<string | undefined> {
  if (!isBuildFailure(error)) return undefined;
  const formatted = await formatMessages(error.errors, { kind: "error", color: false });
  return formatted.map((text) => text.trimEnd()).join("\n\n");
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
