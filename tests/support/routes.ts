import type { StackServer } from "./stack-server.ts";

/** Routes that a client asks for while something is done, each once. */
export async function listRoutes(
  { requests }: StackServer,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const before = requests.length;
  await work();
  const lines = requests.slice(before).filter((line) => line.includes('"event":"request"'));
  return [...new Set(lines.map((line) => /"route":"([^"]+)"/.exec(line)?.[1] ?? ""))];
}
