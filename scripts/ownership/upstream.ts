import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { hasCode } from "../errors.ts";
import { parseJson } from "./parse-json.ts";

/** Name of the file that records what a server was made from, at the top of the repository. Theirs. */
export const upstreamFile = ".upstream.json";

const schema = z.strictObject({
  from: z.string().superRefine((text, context) => {
    const problem = findAddressProblem(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  }),
  version: z.string().regex(/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/, "a version is like 1.0.0"),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}$/, "a commit has 40 hexadecimal digits")
    .optional(),
});

/** The version that a server was made from, or last upgraded to. */
export interface Upstream {
  /** Where upstream is: a URL or path that `git fetch` takes, without a password. */
  readonly from: string;
  /** Its version, as in `1.0.0`. */
  readonly version: string;
  /** Its commit, 40 hexadecimal digits; absent in a copy that could not know it, which is then found by version. */
  readonly commit?: string | undefined;
}

/** What is wrong with an address of upstream; `undefined` for a good one. The file with it is committed. */
export function findAddressProblem(address: string): string | undefined {
  if (address.trim() === "" || /\p{Cc}/u.test(address)) return "it is empty, or no one line";
  if (address.startsWith("-")) return "git would take it for an option";
  if (/^\w+::/.test(address)) return "it names a program, not a repository";
  const url = URL.parse(address);
  if (url !== null && url.password !== "") {
    return "it has a password in it: leave that to git's credential helper";
  }
  return undefined;
}

/**
 * Reads `.upstream.json`; `undefined` if there is none.
 * @param root top of the repository.
 * @throws UserError if it is wrong, with the next step.
 */
export async function readUpstream(root: string): Promise<Upstream | undefined> {
  const path = join(root, upstreamFile);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
  return parseUpstream(text, path);
}

/** The same for its text. @param where how an error names the file. @throws UserError if it is wrong. */
export function parseUpstream(text: string, where: string = upstreamFile): Upstream {
  return parseJson(text, schema, {
    where,
    subject: "what this server was made from",
    next: '\nIt is like {"from": "https://example.com/server.git", "version": "1.0.0", "commit": "<40 hex>"}.',
  });
}

/** Text of `.upstream.json`. @throws UserError for what `readUpstream` would refuse. */
export function formatUpstream({ from, version, commit }: Upstream): string {
  const text = `${JSON.stringify({ from, version, commit }, undefined, 2)}\n`;
  parseUpstream(text);
  return text;
}

/** Writes `.upstream.json`. @param root top of the repository. @throws UserError for what `readUpstream` would refuse. */
export async function writeUpstream(root: string, upstream: Upstream): Promise<void> {
  await writeFile(join(root, upstreamFile), formatUpstream(upstream));
}
