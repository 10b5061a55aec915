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
 * backend, and each has a pull request 12. Where one of both is not known, it is not.
 */
export function isOfAnother(found: string | undefined, own: string | undefined): boolean {
  // GitHub tells no capitals from small letters in them.
  return found !== undefined && own !== undefined && found.toLowerCase() !== own.toLowerCase();
}
