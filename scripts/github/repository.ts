import { isLoopback } from "../../infra/loopback.ts";
import { UserError } from "../errors.ts";

/** A repository at GitHub, and how its API is reached. */
export interface Repository {
  /** Base URL of the API, without a slash at the end. */
  readonly apiUrl: string;
  /** Secret: it must not reach a log or an error. */
  readonly token: string;
  /** As `owner/name`. */
  readonly name: string;
}

/** Names of the variables that a GitHub workflow hands over. GitHub itself sets all but the token. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `GITHUB_REPOSITORY`, `GITHUB_TOKEN` and `GITHUB_API_URL` (default: https://api.github.com; a
 * GitHub Enterprise Server has its own).
 * @throws UserError for one that is missing or wrong.
 */
export function readRepository(environment: Environment): Repository {
  const { GITHUB_REPOSITORY: name = "", GITHUB_TOKEN: token = "" } = environment;
  if (!/^[\w.-]+\/[\w.-]+$/.test(name)) {
    throw new UserError(
      `GITHUB_REPOSITORY: ${name === "" ? "it is not set" : `"${name}" is not a repository`}. Set it to owner/name; in a GitHub workflow it is set already.`,
    );
  }
  // One with a line break would be refused by fetch with the token in the message.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UserError(
      `GITHUB_TOKEN: ${token === "" ? "it is not set" : "it has characters that no token has"}. In a GitHub workflow set it for this step alone: env: GITHUB_TOKEN: \${{ github.token }}`,
    );
  }
  return {
    apiUrl: readApiUrl(environment.GITHUB_API_URL || "https://api.github.com"),
    token,
    name,
  };
}

/** @throws UserError for a URL to which a token must not be sent. */
function readApiUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(text));
  if (url === undefined || !isSafe || url.username !== "" || url.password !== "") {
    throw new UserError(
      "GITHUB_API_URL: it must be an https address. Give the API's base URL, such as https://api.github.com, or unset the variable.",
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}
