import { type Answer, isPage } from "../look.ts";

const accessHost = /(^|\.)cloudflareaccess\.com$/;
const loginPath = /\/(log-?in|sign-?in|sso|saml|adfs)\b/i;

/** Something in front of a healthy server that keeps clients out. */
export interface Barrier {
  readonly reason: string;
  readonly remedy: string;
}

/** The barrier that gave an answer; undefined if the server itself seems to have given it. */
export function findBarrier(answer: Answer): Barrier | undefined {
  return findAccess(answer) ?? findFirewall(answer) ?? findLogin(answer);
}

/** Where an answer leads, without its query: that may hold what is secret. */
export function readLocation({ status, headers, url }: Answer): URL | undefined {
  const location = headers.get("location");
  if (status < 300 || status > 399 || location === null || !URL.canParse(location, url)) {
    return undefined;
  }
  const target = new URL(location, url);
  target.search = "";
  target.hash = "";
  return target;
}

function findAccess(answer: Answer): Barrier | undefined {
  const target = readLocation(answer);
  const leads =
    target !== undefined &&
    (accessHost.test(target.hostname) || target.pathname.startsWith("/cdn-cgi/access/"));
  const refuses = answer.status === 403 && answer.headers.has("cf-access-domain");
  if (!leads && !refuses) return undefined;
  return {
    reason: `${answer.url} is behind Cloudflare Access${leads ? `: it leads to ${target.host}` : ""}.`,
    remedy:
      "Put Access in front of /authorize only (identityMethod access, docs/identity.md): a client has no way through its login page.",
  };
}

function findFirewall(answer: Answer): Barrier | undefined {
  const { status, headers, text, url } = answer;
  const mitigated = headers.get("cf-mitigated");
  if (mitigated !== null) {
    return {
      reason: `${url} answers ${status} by Cloudflare's bot protection (cf-mitigated: ${mitigated.slice(0, 40)}).`,
      remedy: blockedRemedy,
    };
  }
  // "Just a moment…", "Sorry, you have been blocked": a server answers clients without pages.
  if (![403, 429, 503].includes(status) || !isPage(answer)) return undefined;
  const [title] = /(?<=<title>)[^<]{1,60}/i.exec(text) ?? [];
  return {
    reason: `${url} answers ${status} with a page${title ? ` ("${title.trim()}")` : ""} that is not the server's.`,
    remedy: blockedRemedy,
  };
}

function findLogin(answer: Answer): Barrier | undefined {
  const { status, headers, url } = answer;
  const target = readLocation(answer);
  if (target !== undefined && loginPath.test(target.pathname)) {
    return {
      reason: `${url} leads to a login page at ${target.href}.`,
      remedy: "Take the login away from this path: a client signs in by OAuth, at /authorize.",
    };
  }
  const scheme = headers.get("www-authenticate")?.split(" ")[0] ?? "";
  if (status === 401 && /^(basic|digest|negotiate)$/i.test(scheme)) {
    return {
      reason: `${url} asks for a password (${scheme}).`,
      remedy: "Take the password away from this path: a client signs in by OAuth.",
    };
  }
  return undefined;
}

export const blockedRemedy =
  "In Cloudflare's dashboard, for this zone: turn off Security > Bots > Block AI bots and AI Crawl Control, and let no WAF rule challenge this host. Then run doctor again.";
