import type { Alter } from "../altered-server.ts";
import { see } from "./breakings/alter.ts";

/** A login with all its tokens. */
interface Family {
  isEnded: boolean;
}

/** What a token answer holds. */
interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token: string;
}

/**
 * Plays a server that is strict as the RFCs allow it: a code is used up by its first use, right or wrong,
 * and a refresh token that comes twice ends its login with every token of it.
 */
export function beStrict(): Alter {
  const used = new Set<string>();
  const families = new Map<string, Family>();
  const refuse = () => Response.json({ error: "invalid_grant" }, { status: 400 });
  return async (request, pass) => {
    const { path, form, headers } = await see(request);
    if (path === "/mcp") {
      const token = headers.get("authorization")?.replace("Bearer ", "") ?? "";
      return families.get(token)?.isEnded ? new Response("", { status: 401 }) : pass(request);
    }
    const once = form.get("code") ?? form.get("refresh_token");
    if (path !== "/token" || once === null) return pass(request);
    const family = families.get(once) ?? { isEnded: false };
    if (used.has(once)) family.isEnded = true;
    if (family.isEnded) return refuse();
    used.add(once);
    const response = await pass(request);
    if (!response.ok) return response;
    const { access_token, refresh_token } = (await response.clone().json()) as TokenAnswer;
    families.set(access_token, family).set(refresh_token, family);
    return response;
  };
}
