import { setTimeout as sleep } from "node:timers/promises";
import { isLoopback } from "../../infra/loopback.ts";
import { UserError } from "../errors.ts";
import { describeRefusal } from "./describe-refusal.ts";
import { isRateLimited, readPause } from "./rate-limit.ts";

/** Milliseconds that one answer is waited for. */
const patience = 20_000;
/** How often a call is made at most. */
const attempts = 4;
/** Entries a page of a list; GitHub's most. */
const pageSize = 100;
/** Pages read at most: a list without an end is a mistake somewhere. */
const mostPages = 100;

export interface Call {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly body?: object;
  /** Statuses that are an answer and no failure, as 404 if nothing is an answer. */
  readonly accept?: readonly number[];
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON; undefined if there is none. */
  readonly data: unknown;
}

/** A call that GitHub may have carried out, though no answer came: it must not simply be repeated. */
export class LostAnswer extends UserError {}

export interface ClientParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Waits. A test need not. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

export class GitHub {
  readonly #repository: Repository;
  readonly #pause: (milliseconds: number) => Promise<unknown>;

  /** @throws UserError if a variable is missing or wrong. */
  constructor({ environment, pause = sleep }: ClientParts) {
    this.#repository = readRepository(environment);
    this.#pause = pause;
  }

  /** As `owner/name`. */
  get repository(): string {
    return this.#repository.name;
  }

  /** Path of the repository in the API. */
  get path(): string {
    return `/repos/${this.#repository.name}`;
  }

  /**
   * Calls the API. What may be repeated is repeated after a failure of GitHub's or the network's, and
   * after the pause that a rate limit asks for, if that is short.
   * @param purpose what it is for, as in "GitHub could not <purpose>".
   * @throws UserError if GitHub refuses; LostAnswer if it may have created something all the same.
   */
  async call(purpose: string, path: string, call: Call = {}): Promise<Answer> {
    const { method = "GET", accept = [] } = call;
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt === attempts;
      const response = await this.#send(path, call).catch((error: unknown) => {
        const failure = `GitHub did not answer when asked to ${purpose}: ${this.#hide(tellCause(error))}.`;
        if (method === "POST") throw new LostAnswer(failure);
        if (isLast)
          throw new UserError(`${failure} Tried ${attempts} times; run this again later.`);
        return undefined;
      });
      if (response === undefined) {
        await this.#pause(toBackoff(attempt));
        continue;
      }
      const { status, headers, text } = response;
      const data = parseJson(text);
      const refusal = { status, headers, data, purpose, repository: this.#repository.name };
      const isAccepted = accept.includes(status) && !isRateLimited(refusal);
      if ((status >= 200 && status < 300) || isAccepted) return { status, data };
      const failure = this.#hide(describeRefusal(refusal));
      if (status >= 500 && method === "POST") throw new LostAnswer(failure);
      const wait = status >= 500 ? toBackoff(attempt) : readPause(refusal);
      if (wait === undefined || isLast) throw new UserError(failure);
      await this.#pause(wait);
    }
  }

  /** All entries of a list, over all its pages. @throws UserError as `call`. */
  async list(purpose: string, path: string): Promise<unknown[]> {
    const all: unknown[] = [];
    for (let page = 1; page <= mostPages; page += 1) {
      const query = `${path.includes("?") ? "&" : "?"}per_page=${pageSize}&page=${page}`;
      const { data } = await this.call(purpose, `${path}${query}`);
      if (!Array.isArray(data)) {
        throw new UserError(`GitHub was asked to ${purpose}, and the answer is not a list.`);
      }
      all.push(...data);
      if (data.length < pageSize) return all;
    }
    throw new UserError(
      `GitHub was asked to ${purpose}, and there are more than ${mostPages * pageSize} entries.`,
    );
  }

  async #send(path: string, { method = "GET", body }: Call) {
    const response = await fetch(`${this.#repository.apiUrl}${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${this.#repository.token}`,
        "user-agent": "remote-mcp-server",
        "x-github-api-version": "2022-11-28",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patience),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Whatever GitHub or the network says: the token is not in it. */
  #hide(text: string): string {
    return text.replaceAll(this.#repository.token, "***");
  }
}

/** Milliseconds before the next attempt; at random, or two runs that failed together meet again. */
function toBackoff(attempt: number): number {
  return 1000 * 2 ** (attempt - 1) * (0.5 + Math.random());
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The network's own reason: fetch says only that it failed. */
function tellCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** A repository at GitHub, and how its API is reached. */
interface Repository {
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
function readRepository(environment: Environment): Repository {
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
