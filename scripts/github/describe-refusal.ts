import * as z from "zod";
import { findEnd, isRateLimited } from "./rate-limit.ts";

export interface Refused {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
  /** What the request was for, as a verb. */
  readonly purpose: string;
  /** As `owner/name`. */
  readonly repository?: string;
}

const errorAnswer = z.object({
  message: z.string(),
  errors: z
    .array(
      z.union([
        z.string(),
        z.object({ message: z.string().optional(), field: z.string().optional() }),
      ]),
    )
    .optional()
    .catch(undefined),
});

/** Says in words why GitHub refuses, and what to do. The token is not in it. */
export function describeRefusal(refused: Refused): string {
  const { status, purpose, repository = "the repository" } = refused;
  const begin = `GitHub could not ${purpose} (${status}${readMessage(refused.data)}).`;
  if (isRateLimited(refused)) {
    const minutes = Math.ceil(findEnd(refused.headers) / 60_000);
    return `${begin} There were too many calls with this token. Run this again in ${minutes} min.`;
  }
  switch (status) {
    case 401:
      return `${begin} GITHUB_TOKEN is wrong or expired. A workflow's own token ends with its job.`;
    case 403:
      return `${begin} GITHUB_TOKEN may not do this. In a workflow give the job the permission it lacks: "pull-requests: write" for the comment, "pull-requests: read" for the list. A pull request of a fork has a token that only reads.`;
    case 404:
      return `${begin} There is no such pull request in ${repository}, or GITHUB_TOKEN may not see it. Check GITHUB_REPOSITORY and the number.`;
    case 410:
      return `${begin} It was deleted, or comments are switched off there.`;
    case 422:
      return `${begin} GitHub does not accept what was sent. A locked pull request, for one, takes no comment.`;
    default:
      return status >= 500
        ? `${begin} That is a failure at GitHub. Run this again later.`
        : `${begin} See GITHUB_API_URL: GitHub's API does not answer like this.`;
  }
}

function readMessage(data: unknown): string {
  const read = errorAnswer.safeParse(data);
  if (!read.success) return "";
  const { message, errors = [] } = read.data;
  const details = errors.map((error) =>
    typeof error === "string"
      ? error
      : [error.field, error.message].filter((part) => part !== undefined).join(" "),
  );
  return `: ${[message, ...details].join("; ").replaceAll(/\s+/g, " ").slice(0, 300)}`;
}
