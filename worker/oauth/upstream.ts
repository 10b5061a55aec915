import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import type * as z from "zod";
import { selectIdentity } from "../identity/index.ts";
import type { upstreamData } from "./callback.ts";
import { type BrowserContext, redirect } from "./context.ts";

/** Where the person goes on after a sign-in elsewhere. */
export interface UpstreamVisit {
  /** The client's approved request; for a page of ours, one that stands for none. */
  readonly authRequest: AuthRequest;
  /** Page of ours that the person came from. */
  readonly returnTo: string;
  readonly isForClient: boolean;
  /** Cookies of the steps before. */
  readonly headers: Headers;
}

/** Sends the browser to the server that signs people in. Only after consent. @throws UpstreamError */
export async function startUpstream(
  { env, settings, oauth }: BrowserContext,
  { authRequest, returnTo, isForClient, headers }: UpstreamVisit,
): Promise<Response> {
  const method = selectIdentity(settings);
  if (method.kind !== "redirect") throw new Error(`${method.name} sends nobody elsewhere`);
  const prompt = new URL(returnTo).searchParams.get("prompt") ?? "";
  const selectAccount = /\b(select_account|login)\b/.test(prompt);
  const { data, toUrl } = await method.begin({ env, settings }, selectAccount);
  const kept: z.infer<typeof upstreamData> = { returnTo, isForClient, method: data };
  const upstream = await oauth.beginUpstream(authRequest, { data: kept, headers });
  return redirect(toUrl(upstream.state).href, upstream.headers);
}
