import type { Examination, SignIn } from "./examination.ts";
import { look } from "./look.ts";

/** Milliseconds that one request may take: hosted Claude gives discovery, registration and token no longer. */
const requestLimit = 10_000;

/** What doctor calls itself. */
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
 * @returns undefined where it is no demo, or nothing answers: the checks say why.
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
