import * as z from "zod";
import { withBody } from "../../body.ts";
import { digest } from "../../digest.ts";
import { seal, unseal } from "../../seal.ts";
import type { ClientRefusal } from "../clients/refuse-client.ts";

/** Parameters that authenticate a client; the library checks them on each replay. */
const credentialParameters = [
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type",
];

/**
 * A request about a token by the client of another request, with the same credentials.
 * @param form of the other request.
 * @param body what is asked.
 */
export function askAsClient(
  request: Request,
  form: URLSearchParams,
  body: Readonly<Record<string, string>>,
): Request {
  const asked = new URLSearchParams(body);
  for (const name of credentialParameters) {
    for (const value of form.getAll(name)) asked.append(name, value);
  }
  return withBody(request, asked.toString(), null);
}

const tokenAnswer = z.looseObject({
  access_token: z.string(),
  expires_in: z.number(),
  scope: z.string(),
  resource: z.string().optional(),
});

/** An answer, with the scope and resource that its request named. */
const keptAnswer = z.object({
  answer: tokenAnswer,
  scope: z.string().nullable(),
  resource: z.array(z.string()),
});

/** The outcome of a replay: the answer again, or why this request may not have it. */
export type Replay = { readonly answer: string } | { readonly refusal: ClientRefusal };

/**
 * A refresh (RFC 6749 section 6). It is recognised by its token alone, whatever else comes with it: a
 * client that asks again with another parameter must not get a second pair of tokens. Its answer is
 * kept so that only the holder of the token can read it.
 */
export class Refresh {
  /** The OAuth library's id of the token: its SHA-256, in hex. */
  readonly id: string;
  readonly #token: string;
  readonly #form: URLSearchParams;

  private constructor(id: string, token: string, form: URLSearchParams) {
    this.id = id;
    this.#token = token;
    this.#form = form;
  }

  /** @returns undefined for a request that is not a refresh. */
  static async read(body: string): Promise<Refresh | undefined> {
    const form = new URLSearchParams(body);
    const token = form.get("refresh_token");
    if (form.get("grant_type") !== "refresh_token" || token === null) return undefined;
    return new Refresh(await digest(token), token, form);
  }

  /** The revocation of the token by the same client (RFC 7009 section 2.1). */
  toRevocation(request: Request): Request {
    const body = { token: this.#token, token_type_hint: "refresh_token" };
    return askAsClient(request, this.#form, body);
  }

  /** Encrypts an answer. @returns it, and the id of its access token. */
  async seal(answer: string): Promise<{ readonly sealed: string; readonly accessId: string }> {
    const kept = {
      answer: tokenAnswer.parse(JSON.parse(answer)),
      scope: this.#form.get("scope"),
      resource: this.#form.getAll("resource"),
    } satisfies z.infer<typeof keptAnswer>;
    return {
      sealed: await seal(await this.#deriveKey(), JSON.stringify(kept)),
      accessId: await digest(kept.answer.access_token),
    };
  }

  /**
   * The answer again, with what is left of the token's life. A request is refused if it names a scope (RFC 6749
   * section 6) or a resource (RFC 8707 section 2.2) that the answer does not have, unless the first request
   * named it, too.
   * @param age milliseconds since it was made.
   */
  async open(sealed: string, age: number): Promise<Replay> {
    const kept = keptAnswer.parse(JSON.parse(await unseal(await this.#deriveKey(), sealed)));
    const { answer } = kept;
    const scope = this.#form.get("scope");
    const given = toList(answer.scope);
    if (scope !== kept.scope && !toList(scope).every((name) => given.includes(name))) {
      return refuse("invalid_scope", "The refresh token was used for other scopes");
    }
    const resources = [answer.resource, ...kept.resource];
    if (!this.#form.getAll("resource").every((resource) => resources.includes(resource))) {
      return refuse("invalid_target", "The refresh token was used for another resource");
    }
    const expiresIn = answer.expires_in - Math.ceil(age / 1000);
    return { answer: JSON.stringify({ ...answer, expires_in: Math.max(expiresIn, 0) }) };
  }

  async #deriveKey(): Promise<CryptoKey> {
    const { subtle } = crypto;
    const encoder = new TextEncoder();
    const secret = await subtle.importKey("raw", encoder.encode(this.#token), "HKDF", false, [
      "deriveKey",
    ]);
    const info = encoder.encode("answer of a rotation");
    return subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info },
      secret,
      { name: "AES-GCM", length: 256 },
      false,
      ["encrypt", "decrypt"],
    );
  }
}

function toList(scope: string | null): string[] {
  return (scope ?? "").split(" ").filter(Boolean);
}

function refuse(error: string, description: string): Replay {
  return { refusal: { status: 400, error, description } };
}
