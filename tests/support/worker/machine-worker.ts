import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { digest } from "../../../worker/digest.ts";
import type { WorkerEnv } from "../../../worker/env.ts";
import { layerKv } from "../../../worker/oauth/gate/kv-layer.ts";
import type { MachineClient } from "../../../worker/oauth/machines/settings.ts";
import { answerCounts, countKv } from "./count-kv.ts";
import { OAuthWorker } from "./oauth-worker.ts";

/** An answer of the token endpoint to a machine client. */
export interface MachineAnswer {
  readonly status: number;
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly resource: string;
  readonly error?: string;
  readonly error_description?: string;
  readonly challenge: string | null;
}

/** A machine client as a test has it. */
export const machine = (more: Partial<MachineClient> = {}): MachineClient => ({
  name: "ci",
  scopes: ["demo:use", "demo:profile", "demo:write"],
  resource: "mcp",
  ...more,
});

/** The Worker of a stack that has machine clients. */
export class MachineWorker extends OAuthWorker {
  private constructor(machines: readonly MachineClient[], env: Partial<WorkerEnv>) {
    super(machines.length === 0 ? {} : { machines: [...machines] });
    // A namespace of its own: the Worker keeps what it read of one.
    const OAUTH_KV = layerKv(this.env.OAUTH_KV, {});
    Object.assign(this.env, countKv({ ...this.env, OAUTH_KV }), env);
  }

  /** @param secrets of each machine client, by its name. */
  static async create(
    machines: readonly MachineClient[],
    secrets: Readonly<Record<string, readonly string[]>> = {},
    env: Partial<WorkerEnv> = {},
  ): Promise<MachineWorker> {
    const all = Object.entries(secrets).map(async ([name, values]) => [
      name,
      await Promise.all(values.map(digest)),
    ]);
    const digests = JSON.stringify(Object.fromEntries(await Promise.all(all)));
    const worker = new MachineWorker(machines, {
      ...(digests !== "{}" && { MACHINE_SECRETS: digests }),
      ...env,
    });
    await worker.countKv();
    return worker;
  }

  /** What the Worker asked of Workers KV since the last time. */
  async countKv(): Promise<unknown> {
    return answerCounts(new Request("http://localhost/kv-counts"))?.json();
  }

  /** Asks the token endpoint. @param basic credentials for the `Authorization` header. */
  async ask(
    fields: Readonly<Record<string, string>> | URLSearchParams,
    basic?: string,
  ): Promise<MachineAnswer> {
    const answer = await this.fetch("/token", {
      method: "POST",
      headers: basic === undefined ? {} : { authorization: `Basic ${btoa(basic)}` },
      body: new URLSearchParams(fields),
    });
    const text = await answer.text();
    return {
      ...(JSON.parse(text) as object),
      status: answer.status,
      challenge: answer.headers.get("www-authenticate"),
    } as MachineAnswer;
  }

  /** Asks with a secret in the header. */
  askWithSecret(secret: string, more: Readonly<Record<string, string>> = {}, name = "ci") {
    return this.ask({ grant_type: "client_credentials", ...more }, `${name}:${secret}`);
  }

  /** A tool's answer to a call of a machine client. */
  async callTool(token: string, name: string, args: object = {}) {
    const { status, text, challenge } = await this.call(token, name, args);
    const data = text.split("\n").find((line) => line.startsWith("data: "));
    const message = data === undefined ? text : data.slice("data: ".length);
    const { result } = (status === 200 ? JSON.parse(message) : {}) as {
      readonly result?: { readonly content?: readonly { readonly text?: string }[] };
    };
    return { status, challenge, result, text: result?.content?.[0]?.text ?? text };
  }
}

/** A key that signs, in the isolate of the Worker's tests. */
export interface TestKey {
  /** The public half. */
  readonly jwk: JWK;
  sign(claims: object, header?: object): Promise<string>;
}

/** Makes a key. @param alg ES256 or RS256. */
export async function makeKey(kid: string, alg = "ES256"): Promise<TestKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg },
    sign: (claims, header = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg, kid, typ: "JWT", ...header })
        .sign(privateKey as CryptoKey),
  };
}
