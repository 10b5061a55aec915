import type { OAuthResourceAuth } from "@cloudflare/workers-oauth-provider";
import type { AuthInfo } from "@modelcontextprotocol/server";
import * as z from "zod";
import { findGrant } from "../oauth/gate/well-formed-token.ts";

/** Tokens from the server that signs people in; see `worker/identity/identity.ts`. */
const upstreamTokens = z.object({
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  expiresAt: z.number().optional(),
});

/**
 * What a grant keeps about the person, encrypted by the OAuth library. Grants live for long: what is
 * added here must be optional.
 */
export const personProps = z.object({
  userId: z.string(),
  email: z.string().optional(),
  method: z.string(),
  /** Who vouched for the person; see `findAuthority`. Older grants do not say it. */
  authority: z.string().optional(),
  isEmailVerified: z.boolean().optional(),
  /** Those of the stack's allowed organisations that the person belonged to at sign-in. */
  organizations: z.array(z.string()).optional(),
  /** Seconds since the epoch of the sign-in at which all of this was learned. Older grants do not say it. */
  signedInAt: z.number().optional(),
  /** The grant of a token that does not name it itself: a personal one. */
  grantId: z.string().optional(),
  /** Those of the groups in `scopesByGroup` that the person was in when the server last asked. */
  groups: z.array(z.string()).optional(),
  /** Only if a tool or `scopesByGroup` needs them. Never stored anywhere else. */
  upstream: upstreamTokens.optional(),
});

/** The person of a grant. */
export type PersonProps = z.infer<typeof personProps>;

/** Who calls, as plain data that may go to a Durable Object. The token itself does not. */
export interface Caller {
  readonly person: PersonProps;
  readonly clientId: string;
  /** The grant of the token. */
  readonly grantId: string;
  readonly scopes: readonly string[];
  /** Seconds since the epoch. */
  readonly expiresAt: number | undefined;
  /** The resource the token was accepted for. */
  readonly resource: string;
}

/**
 * The caller behind a token that the resource server accepted; undefined if the grant holds no person
 * that this server knows, because another program made it.
 */
export function readCaller(auth: OAuthResourceAuth, props: unknown): Caller | undefined {
  const person = personProps.safeParse(props);
  if (!person.success) return undefined;
  return {
    person: person.data,
    clientId: auth.clientId ?? "",
    grantId: person.data.grantId ?? findGrant(auth.token)?.grantId ?? "",
    scopes: auth.scope,
    expiresAt: auth.expiresAt,
    resource: auth.audience,
  };
}

/** The identity method of callers that are machine clients. */
export const machineMethod = "machine";

/** A machine client as a caller. Its id is the name of its storage. */
export function toMachineProps(name: string): PersonProps {
  return { userId: `${machineMethod}:${name}`, method: machineMethod };
}

/** The name of the machine client that calls; undefined for a person. */
export function findMachineName({
  userId,
  method,
}: Pick<PersonProps, "userId" | "method">): string | undefined {
  return method === machineMethod ? userId.slice(`${machineMethod}:`.length) : undefined;
}

/** The most milliseconds that a stream lasts if its token never ends. */
const longestStream = 86_400_000;

/** Milliseconds for which a stream may stay open: it must not outlive the token it was opened with. */
export function timeLeft({ expiresAt = Number.POSITIVE_INFINITY }: Caller): number {
  return Math.min(expiresAt * 1000 - Date.now(), longestStream);
}

/** People that were checked, by what the SDK carries of them. */
const people = new WeakMap<AuthInfo, PersonProps>();

/** The person for whom the SDK runs something. @throws Error without one. */
export function findPerson(authInfo: AuthInfo | undefined): PersonProps {
  const known = authInfo && people.get(authInfo);
  return known ?? personProps.parse(authInfo?.extra?.props);
}

/** The caller as the MCP SDK hands it to a tool. */
export function toAuthInfo(caller: Caller): AuthInfo {
  const authInfo: AuthInfo = {
    token: "",
    clientId: caller.clientId,
    scopes: [...caller.scopes],
    ...(caller.expiresAt !== undefined && { expiresAt: caller.expiresAt }),
    resource: new URL(caller.resource),
    extra: { props: caller.person },
  };
  people.set(authInfo, caller.person);
  return authInfo;
}
