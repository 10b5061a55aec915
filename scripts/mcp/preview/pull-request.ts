import { InvalidArgumentError, Option } from "commander";
import { toShortName } from "../stack/short-name.ts";

export interface OpenPullRequest {
  readonly number: number;
}

/** Numbers above this are none of a pull request, and would make too long a name. */
const greatest = 999_999_999;

/** `--pr <number>` */
export function createPullRequestOption(): Option {
  return new Option("--pr <number>", "number of the pull request")
    .argParser(parsePullRequest)
    .makeOptionMandatory();
}

/** @throws InvalidArgumentError for what is not the number of a pull request. */
export function parsePullRequest(text: string): number {
  const number = /^[1-9]\d*$/.test(text) ? Number(text) : 0;
  if (number > 0 && number <= greatest) return number;
  throw new InvalidArgumentError(
    `"${text}" is not the number of a pull request. Give a whole number from 1 up, such as 12.`,
  );
}

/** `--open 1,2`: the pull requests that are open. @throws InvalidArgumentError as above. */
export function parseOpen(text: string): OpenPullRequest[] {
  // None open is said by "none": an empty text is a variable that is not set, and would remove them all.
  if (text === "none") return [];
  if (text.trim() === "") {
    throw new InvalidArgumentError(
      'It is empty. Give the numbers of all open pull requests, as 1,2, or "none" if none is open.',
    );
  }
  return text.split(",").map((each) => ({ number: parsePullRequest(each.trim()) }));
}

export function toStackName(pullRequest: number): string {
  return `pr-${pullRequest}`;
}

/** Number of the pull request whose preview is called so, or undefined if the name is another's. */
export function fromStackName(name: string): number | undefined {
  const [, digits] = /^pr-([1-9]\d*)$/.exec(toShortName(name)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Repository for which this runs, as `owner/name`: the variable GITHUB_REPOSITORY, which GitHub sets in its
 * workflows. Undefined elsewhere.
 */
export function findOwnRepository(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  return environment.GITHUB_REPOSITORY || undefined;
}

/**
 * Whether a preview is of another repository than this one: two that keep the project's name may share a
 * backend, and each has a pull request 12. If one of the two is not known, it is not.
 */
export function isOfAnother(found: string | undefined, own: string | undefined): boolean {
  // GitHub tells no capitals from small letters in them.
  return found !== undefined && own !== undefined && found.toLowerCase() !== own.toLowerCase();
}
