import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { UserError } from "../errors.ts";
import { parseJson } from "./parse-json.ts";
import { findPatternProblem, matchesPattern } from "./pattern.ts";

/** Name of the file that says whose each file is, at the top of the repository. */
export const ownershipFile = "ownership.json";

const pattern = z.string().superRefine((text, context) => {
  const problem = findPatternProblem(text);
  if (problem !== undefined) context.addIssue({ code: "custom", message: `${text}: ${problem}` });
});

const schema = z.strictObject({
  theirs: z.array(pattern),
  byKey: z.record(z.string(), z.array(z.string().min(1))),
  regenerated: z.record(pattern, z.string().startsWith("npm ")),
  starts: z.record(z.string(), z.string()),
});

/** The content of `ownership.json`. Patterns are as `matchesPattern` takes them. */
export type OwnershipRules = z.infer<typeof schema>;

/** Whose a file is: of the person whose server it is, or of this project. */
export class Ownership {
  readonly rules: OwnershipRules;

  /** @param rules as `parseOwnership` gives them. */
  constructor(rules: OwnershipRules) {
    this.rules = rules;
  }

  /**
   * Whether a file belongs to the person whose server this is: no upgrade touches it.
   * @param path from the top of the repository, with `/`.
   */
  isTheirs(path: string): boolean {
    return this.rules.theirs.some((one) => matchesPattern(one, path));
  }

  /** Keys at the top of a file that are theirs while the rest of it is ours; `undefined` for a file of one owner. */
  listTheirKeys(path: string): readonly string[] | undefined {
    return Object.hasOwn(this.rules.byKey, path) ? this.rules.byKey[path] : undefined;
  }

  /** Whether a file is ours alone: of all others, a person can keep a change without a merge. */
  isOurs(path: string): boolean {
    return (
      !this.isTheirs(path) &&
      this.listTheirKeys(path) === undefined &&
      this.tellCommand(path) === undefined
    );
  }

  /** The command that writes a file again, as in `npm run docs`; `undefined` for one that is written by hand. */
  tellCommand(path: string): string | undefined {
    return Object.entries(this.rules.regenerated).find(([one]) => matchesPattern(one, path))?.[1];
  }

  /** Files of theirs that ours cannot do without, each with the text of an empty one. */
  get starts(): Readonly<Record<string, string>> {
    return this.rules.starts;
  }
}

/**
 * Parses the text of `ownership.json`.
 * @param where how an error names the file.
 * @throws UserError for anything that is not such a file, with each place.
 */
export function parseOwnership(text: string, where: string = ownershipFile): Ownership {
  const data = parseJson(text, schema, { where, subject: "whose each file is" });
  const stray = Object.keys(data.starts).filter((path) => !new Ownership(data).isTheirs(path));
  if (stray.length > 0) {
    throw new UserError(
      `${where}: starts has files that are not theirs: ${stray.join(", ")}. Add a pattern to theirs, or take them out.`,
    );
  }
  return new Ownership(data);
}

/**
 * Reads `ownership.json`.
 * @param root top of the repository.
 * @throws UserError if it is missing or wrong.
 */
export function readOwnership(root: string): Ownership {
  const path = join(root, ownershipFile);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new UserError(
      `${path} cannot be read: it says whose each file is. Bring it back with: git checkout HEAD -- ${ownershipFile}`,
    );
  }
  return parseOwnership(text, path);
}
