import { createHash, randomUUID } from "node:crypto";
import type { OutboundRequest } from "../../scripts/runtime/runtime.ts";

/** An account at GitHub, as far as signing in looks at it. */
export interface GitHubAccount {
  readonly id: number;
  readonly emails?: readonly { email: string; primary: boolean; verified: boolean }[];
  /** State of the membership, by organisation (`acme`) or team (`acme/platform`). */
  readonly memberships?: Readonly<Record<string, "active" | "pending">>;
}

/** OAuth app that it knows. */
export const gitHubApp = { id: "Iv1.0123456789abcdef", secret: "secret-of-the-app-at-github" };

interface PendingCode {
  readonly login: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
}

/**
 * GitHub at the wire, as its documentation has it: errors of the token endpoint come with 200, the
 * API refuses who does not say who asks, and a rate limit is a 403.
 */
export class GitHubDouble {
  /** By login. A person may rename theirs. */
  accounts: Readonly<Record<string, GitHubAccount>>;
  /** Set it to answer something else. */
  interfere: (path: string) => Response | undefined = () => undefined;
  /** Tokens it gave out, in order. */
  readonly tokens: string[] = [];
  readonly #codes = new Map<string, PendingCode>();
  readonly #sessions = new Map<string, Pick<PendingCode, "login" | "scopes">>();

  constructor(accounts: Readonly<Record<string, GitHubAccount>>) {
    this.accounts = accounts;
  }

  /** A signed-in person allows the app. @returns where their browser is sent back to. */
  authorize(url: URL, login: string): URL {
    const query = url.searchParams;
    const read = (name: string) => query.get(name) ?? "";
    if (url.origin + url.pathname !== "https://github.com/login/oauth/authorize") {
      throw new Error(`The person was sent to ${url}`);
    }
    if (read("client_id") !== gitHubApp.id || read("code_challenge_method") !== "S256") {
      throw new Error(`GitHub refuses ${url.search}`);
    }
    const code = randomUUID();
    const redirectUri = read("redirect_uri");
    this.#codes.set(code, {
      login,
      challenge: read("code_challenge"),
      redirectUri,
      scopes: read("scope").split(" "),
    });
    const back = new URL(redirectUri);
    back.search = new URLSearchParams({ code, state: read("state") }).toString();
    return back;
  }

  /** Ends every token, as a person does under "Authorized OAuth Apps". */
  revokeAll(): void {
    this.#sessions.clear();
  }

  /** What the Worker's requests go to. */
  readonly outbound = (target: string, request: OutboundRequest): Response => {
    const { host, pathname } = new URL(target);
    const { method } = request;
    const changed = this.interfere(pathname);
    if (changed !== undefined) return changed;
    if (host === "github.com" && pathname === "/login/oauth/access_token" && method === "POST") {
      return this.#giveToken(new URLSearchParams(request.body));
    }
    if (host === "api.github.com" && method === "GET") return this.#answerApi(pathname, request);
    throw new Error(`The Worker asked ${method} ${host}${pathname}`);
  };

  #giveToken(form: URLSearchParams): Response {
    const code = form.get("code") ?? "";
    const pending = this.#codes.get(code);
    this.#codes.delete(code);
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "");
    const isRight =
      form.get("client_id") === gitHubApp.id && form.get("client_secret") === gitHubApp.secret;
    if (!isRight) return Response.json({ error: "incorrect_client_credentials" });
    if (
      pending?.redirectUri !== form.get("redirect_uri") ||
      pending.challenge !== challenge.digest("base64url")
    ) {
      return Response.json({ error: "bad_verification_code", error_description: code });
    }
    const token = `gho_${randomUUID()}`;
    this.tokens.push(token);
    this.#sessions.set(token, pending);
    const { scopes } = pending;
    return Response.json({ access_token: token, token_type: "bearer", scope: scopes.join(",") });
  }

  #answerApi(path: string, { headers }: OutboundRequest): Response {
    if (!headers.has("user-agent")) return new Response("Say who asks.", { status: 403 });
    const token = headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
    const session = this.#sessions.get(token);
    const [login, account] =
      Object.entries(this.accounts).find(([name]) => name === session?.login) ?? [];
    if (session === undefined || account === undefined) {
      return Response.json({ message: "Bad credentials" }, { status: 401 });
    }
    if (path === "/user")
      return Response.json({ id: account.id, login, email: "shown@public.example" });
    if (path === "/user/emails") return Response.json(account.emails ?? []);
    if (!session.scopes.includes("read:org")) return new Response("{}", { status: 403 });
    const [, organization, team] =
      /^\/user\/memberships\/orgs\/([^/]+)$/.exec(path) ??
      new RegExp(`^/orgs/([^/]+)/teams/([^/]+)/memberships/${login}$`).exec(path) ??
      [];
    const name = team === undefined ? organization : `${organization}/${team}`;
    const state = account.memberships?.[name ?? ""];
    return state === undefined ? new Response("{}", { status: 404 }) : Response.json({ state });
  }
}
