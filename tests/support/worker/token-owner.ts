import { env as storage } from "cloudflare:workers";
import type { DurableObjectNamespace, KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv, WorkerSettings } from "../../../worker/env.ts";
import type { Identity } from "../../../worker/identity/identity.ts";
import { findAuthority } from "../../../worker/identity/index.ts";
import { rememberSignIn } from "../../../worker/identity/signed-in.ts";
import { deriveUserId } from "../../../worker/identity/subject.ts";
import { settingsWithTokens } from "../worker-settings.ts";
import { OAuthWorker } from "./oauth-worker.ts";
import { workerEnv } from "./worker-env.ts";

/** What a token is asked for with, on the page. */
interface AskedToken {
  readonly name?: string;
  readonly scope?: readonly string[];
  readonly endpoint?: string;
  readonly days?: string;
}

/** A person at the connections page of a Worker, with what the Worker asks of its storage. */
export class TokenOwner {
  readonly worker: OAuthWorker;
  readonly identity: Identity;
  /** Operations of Workers KV, such as `get personal:…`, and `wake` for each object of a grant. */
  readonly asked: string[] = [];

  constructor(
    settings: WorkerSettings = settingsWithTokens,
    identity: Identity = {
      method: settings.identity.method,
      issuer: "demo",
      subject: "ada@example.com",
      email: "ada@example.com",
      isEmailVerified: true,
    },
  ) {
    this.identity = identity;
    this.worker = new OAuthWorker(settings);
    const env = this.worker.env as { -readonly [Name in keyof WorkerEnv]: WorkerEnv[Name] };
    env.OAUTH_KV = this.#note(env.OAUTH_KV);
    env.TOKEN_GATES = this.#note(env.TOKEN_GATES);
  }

  /** The person's id. */
  get userId(): Promise<string> {
    return deriveUserId(workerEnv.SUBJECT_KEY, this.identity);
  }

  /** Opens the page, or sends a form of it. */
  async visit(form?: URLSearchParams, path = "/connections"): Promise<Response> {
    const { settings } = this.worker;
    const cookie = await rememberSignIn(
      this.identity,
      findAuthority(settings),
      workerEnv.SESSION_KEYS,
    );
    return this.worker.fetch(path, {
      headers: { cookie, origin: settings.origin, host: new URL(settings.origin).host },
      ...(form && { method: "POST", body: form }),
    });
  }

  /** Asks for a token on the page. */
  async ask(asked: AskedToken = {}): Promise<Response> {
    const { name = "Nightly", scope = ["demo:use"], endpoint = "mcp", days = "30" } = asked;
    const fields = { step: "make-token", person: await this.userId, name, endpoint, days };
    const form = new URLSearchParams(fields);
    for (const each of scope) form.append("scope", each);
    return this.visit(form);
  }

  /** Makes a token on the page. @throws Error with the page, where none is made. */
  async make(asked?: AskedToken): Promise<string> {
    const page = await (await this.ask(asked)).text();
    const [token] = /rmcp_[0-9A-Za-z]{36}/.exec(page) ?? [];
    if (token === undefined) throw new Error(`No token was made: ${page}`);
    this.asked.length = 0;
    return token;
  }

  /** Presses the button that ends a token. @param grantId of the token. */
  async end(grantId: string): Promise<Response> {
    return this.visit(
      new URLSearchParams({ step: "end", person: await this.userId, grant: grantId }),
    );
  }

  /** Everything that Workers KV holds, by key. */
  async readStore(): Promise<ReadonlyMap<string, string>> {
    const kv = (storage as unknown as WorkerEnv).OAUTH_KV;
    const { keys } = await kv.list();
    const values = keys.map(async ({ name }) => [name, (await kv.get(name)) ?? ""] as const);
    return new Map(await Promise.all(values));
  }

  #note<Binding extends KVNamespace | DurableObjectNamespace>(binding: Binding): Binding {
    return new Proxy(binding, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          if (name === "idFromName") this.asked.push("wake");
          else if (name !== "get" || typeof args[0] === "string") {
            this.asked.push(`${String(name)} ${String(args[0])}`);
          }
          return Reflect.apply(member, target, args) as unknown;
        };
      },
    });
  }
}
