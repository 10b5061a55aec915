import { InvalidArgumentError } from "commander";
import { fromStackName } from "./pull-request.ts";

/** Tags of a stack that make it a preview, and that say whose it is and until when. */
export const tagNames = {
  pullRequest: "preview:pr",
  commit: "preview:commit",
  owner: "preview:owner",
  expires: "preview:expires",
  url: "preview:url",
  repository: "preview:repository",
} as const;

export interface Preview {
  readonly pullRequest: number;
  readonly stack: string;
  /** Who answers for it. */
  readonly owner?: string;
  /** When it is removed, if nothing is pushed before; undefined if the tag cannot be read. */
  readonly expires?: Date;
  /** Commit that was deployed last; undefined before the first. */
  readonly commit?: string;
  /** Where it answers; undefined before the first deployment. */
  readonly url?: string;
  /** Repository of the pull request, as `owner/name`; undefined if it was made outside of GitHub. */
  readonly repository?: string;
}

export type Tags = Readonly<Record<string, string>>;

/** The preview that a stack is; undefined if the tag that fits its name is missing. */
export function readPreview(stack: string, tags: Tags): Preview | undefined {
  const pullRequest = fromStackName(stack);
  if (pullRequest === undefined || tags[tagNames.pullRequest] !== String(pullRequest)) {
    return undefined;
  }
  const expires = new Date(tags[tagNames.expires] ?? "");
  const { owner, commit, url, repository } = tagNames;
  return {
    pullRequest,
    stack,
    ...(!Number.isNaN(expires.getTime()) && { expires }),
    ...(tags[owner] !== undefined && { owner: tags[owner] }),
    ...(tags[commit] !== undefined && { commit: tags[commit] }),
    ...(tags[url] !== undefined && { url: tags[url] }),
    ...(tags[repository] !== undefined && { repository: tags[repository] }),
  };
}

/** Those that are not there yet. An expiry only moves on, so that two runs at once do not fight. */
export function findMissingTags(wanted: Tags, found: Tags): Tags {
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => {
      const last = found[name];
      if (last === undefined) return true;
      return name === tagNames.expires ? !(Date.parse(last) >= Date.parse(value)) : last !== value;
    }),
  );
}

/** Milliseconds of each unit. */
const units = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;

/** Longest lifetime, in milliseconds: what lives longer is not a preview. */
const longest = 90 * units.d;

/**
 * Reads how long a preview lives without a push: `36h`, `7d`, `2w`.
 * @returns milliseconds.
 * @throws InvalidArgumentError for anything else, and for less than an hour or more than 90 days.
 */
export function parseLifetime(text: string): number {
  const [, amount, unit] = /^(\d{1,4})([hdw])$/.exec(text) ?? [];
  const milliseconds = Number(amount) * units[(unit ?? "d") as keyof typeof units];
  if (milliseconds > 0 && milliseconds <= longest) return milliseconds;
  throw new InvalidArgumentError(
    `"${text}" is not a lifetime. Give hours, days or weeks, such as 36h, 7d or 2w, up to 90d.`,
  );
}
