import { look } from "./look.ts";

/** How doctor comes by a sign-in. */
export type SignIn =
  /** The mock login of a demo stack, by doctor itself. */
  | { readonly kind: "demo"; readonly password?: string }
  /** The stack's probe secret. */
  | { readonly kind: "probe"; readonly secret: string }
  /** A person at a browser on this machine. */
  | { readonly kind: "browser" }
  /** An access token that was given: nothing before it is looked at. */
  | { readonly kind: "token"; readonly token: string }
  /** None: everything behind a sign-in is "not checked". */
  | { readonly kind: "none"; readonly why: string };

/** Facts that checks learn, for the checks after them. Each is set once its check was "ok" or "warning". */
export interface Learned {
  /** The protected-resource metadata of each endpoint that answers one (RFC 9728), by endpoint path. */
  resourceMetadata: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The authorization server's metadata (RFC 8414). */
  serverMetadata?: Readonly<Record<string, unknown>>;
  /** Where that metadata was found. */
  serverMetadataUrl?: string;
  /** The client that was registered (RFC 7591), or whose metadata document is used. */
  client?: {
    readonly clientId: string;
    readonly redirectUri: string;
    /** If the server gave it one, although none was asked for. Never in a finding. */
    readonly clientSecret?: string;
    /** Seconds since the epoch at which that secret ends; 0: never. */
    readonly secretExpiresAt?: number;
  };
  /** Tokens of the login. Never in a finding. */
  tokens?: { accessToken: string; refreshToken?: string; scope?: string; expiresIn?: number };
}

/** One server under examination: where it is, how to ask it, and what is known so far. */
export interface Examination {
  /** Origin of the server, such as `https://orders.example.workers.dev`. */
  readonly origin: string;
  /** Paths of the endpoints to look at: `/mcp` and `/sse`, or the one path of the URL that was given. */
  readonly endpoints: { readonly mcp: string; readonly sse?: string };
  readonly signIn: SignIn;
  readonly learned: Learned;
  /** Asks, without following redirects, with a time limit. A path is taken from `origin`. */
  fetch(target: string | URL, init?: RequestInit): Promise<Response>;
  /** To be done at the end whatever happens, last first: revoke a grant, close a client. */
  readonly leave: (() => Promise<void>)[];
}

/** Milliseconds that one request may take: hosted Claude gives discovery, registration and token no longer. */
const requestLimit = 10_000;

export const userAgent = "remote-mcp-server-doctor/1.0";

export interface ExaminationParts {
  /** A bare origin, whose `/mcp` and `/sse` are looked at, or the URL of one endpoint. */
  readonly url: URL;
  readonly signIn: SignIn;
}

/** Prepares the examination of one server. Nothing is asked yet. */
export function createExamination({ url, signIn }: ExaminationParts): Examination {
  const { origin, pathname, search } = url;
  return {
    origin,
    endpoints:
      pathname === "/" && search === ""
        ? { mcp: "/mcp", sse: "/sse" }
        : { mcp: `${pathname}${search}` },
    signIn,
    learned: { resourceMetadata: {} },
    fetch(target, { signal, headers, ...init } = {}) {
      const limit = AbortSignal.timeout(requestLimit);
      const all = new Headers(headers);
      if (!all.has("user-agent")) all.set("user-agent", userAgent);
      return fetch(new URL(target, origin), {
        ...init,
        headers: all,
        redirect: "manual",
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
    },
    leave: [],
  };
}

/**
 * What the demo of a server of this project takes, as its home page says (`worker/pages/layout.tsx`).
 * @returns undefined if it is not a demo, or nothing answers: the checks say why.
 */
export async function findDemo(
  origin: string,
): Promise<"any password" | "one password" | undefined> {
  const examination = createExamination({
    url: new URL(origin),
    signIn: { kind: "none", why: "Only the home page is read." },
  });
  try {
    const { text } = await look(examination, "/", { headers: { accept: "text/html" } });
    if (!text.includes("<strong>Demo sign-in.</strong>")) return undefined;
    return text.includes("one password") ? "one password" : "any password";
  } catch {
    return undefined;
  }
}
