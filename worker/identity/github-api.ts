import { customFetch, protectedResourceRequest, WWWAuthenticateChallengeError } from "oauth4webapi";
import * as z from "zod";
import { UpstreamError } from "./identity.ts";
import { fetchUpstream } from "./upstream-fetch.ts";

const api = "https://api.github.com";

const user = z.object({ id: z.int().positive(), login: z.string().min(1) });
const emails = z.array(
  z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }),
);
const membership = z.object({ state: z.string() });

/** Whose token it is. @throws UpstreamError */
export async function readUser(token: string): Promise<z.infer<typeof user>> {
  return user.parse(await readJson(await ask("/user", token)));
}

/**
 * The same for a token that may have ended: a person can revoke it, and so can an organisation.
 * @returns undefined if GitHub no longer accepts it.
 * @throws UpstreamError
 */
export async function findUser(token: string): Promise<z.infer<typeof user> | undefined> {
  const response = await ask("/user", token);
  return response.status === 401 ? undefined : user.parse(await readJson(response));
}

/** The account's primary address; undefined if GitHub has not verified it. @throws UpstreamError */
export async function readPrimaryEmail(token: string): Promise<string | undefined> {
  const list = emails.parse(await readJson(await ask("/user/emails", token)));
  return list.find(({ primary, verified }) => primary && verified)?.email;
}

/**
 * Those of the named organisations (`acme`) and teams (`acme/platform`) in which the person is an
 * active member; an invitation does not count. An organisation that blocks this app counts as one the
 * person is not in.
 * @throws UpstreamError
 */
export async function findMemberships(
  token: string,
  login: string,
  names: readonly string[],
): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (name) => ((await isMember(token, login, name)) ? [name] : [])),
  );
  return found.flat();
}

async function isMember(token: string, login: string, name: string): Promise<boolean> {
  // A list may also hold groups of a company's own identity provider, whose names look different.
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(name)) return false;
  const [organization = "", team] = name.split("/").map(encodeURIComponent);
  const path =
    team === undefined
      ? `/user/memberships/orgs/${organization}`
      : `/orgs/${organization}/teams/${team}/memberships/${encodeURIComponent(login)}`;
  const response = await ask(path, token);
  if (response.status === 404 || response.status === 403) return false;
  return membership.parse(await readJson(response)).state === "active";
}

/** @throws UpstreamError if GitHub does not answer. */
async function ask(path: string, token: string): Promise<Response> {
  const headers = new Headers({
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  });
  const options = { [customFetch]: fetchUpstream };
  try {
    return await protectedResourceRequest(token, "GET", new URL(path, api), headers, null, options);
  } catch (error) {
    // A 401 with a challenge is an answer here.
    if (error instanceof WWWAuthenticateChallengeError) return error.response;
    throw error;
  }
}

/** @throws UpstreamError for anything but 200. */
async function readJson(response: Response): Promise<unknown> {
  if (response.status === 200) return response.json();
  throw new UpstreamError("invalid", `api.github.com answered ${response.status}`);
}
