import { DurableObject } from "cloudflare:workers";
import type { ExecutionContext } from "@cloudflare/workers-types";
import { readText } from "../body.ts";
import { readSettings, type WorkerEnv } from "../env.ts";
import { logFailure } from "../log.ts";
import { listPeople } from "../state/people.ts";
import { createAuthorizationServer } from "./authorization-server.ts";
import { toEndedKey } from "./gate/ended-outside.ts";
import { GateMemory } from "./gate/gate-memory.ts";
import { memoryTime, rememberWrites } from "./gate/gate-store.ts";
import { withoutLongKeys } from "./gate/long-keys.ts";
import { endOlderGrants } from "./gate/older-grants.ts";
import { Queue } from "./gate/queue.ts";
import { Refresh, replayTime } from "./gate/replay.ts";
import { findGrantOfForm } from "./gate/well-formed-token.ts";
import type { GrantName } from "./revoke.ts";

/** What a gate says of a token. */
export interface Look {
  /** The grant or this token was ended. */
  readonly isEnded: boolean;
  /** The token's record, where it is new. */
  readonly record: string | null;
}

/** Milliseconds after which an end that did not reach KV is tried again. */
const endAgainTime = 60_000;

/** Seconds for which a code may be redeemed, by the library. */
const codeLifetime = 600;

/**
 * Takes the token and revocation requests of one grant one after the other, and remembers what Workers
 * KV shows late. It holds nothing for a grant that does not exist, and nothing for long.
 */
export class TokenGate extends DurableObject<WorkerEnv> {
  readonly #settings = readSettings(this.env);
  readonly #server = createAuthorizationServer(this.#settings);
  readonly #memory = new GateMemory(this.ctx.storage);
  readonly #queue = new Queue();

  /** Answers a request to the token endpoint. */
  answer(request: Request): Promise<Response> {
    return this.#queue.run(() => this.#answer(request));
  }

  /** What is known of a token, by the key of its record. It waits for no request. */
  async look(key: string): Promise<Look> {
    const row = await this.#memory.read(key);
    const isEnded = (await this.#memory.isEnded()) || row?.value === null;
    return { isEnded, record: isEnded ? null : (row?.value ?? null) };
  }

  /** Takes over the record of a grant that was just made: its code may come before KV shows it. */
  async remember(key: string, record: string): Promise<void> {
    if (await this.#memory.isEnded()) return;
    // A code that was redeemed meanwhile has the newer record.
    if (await this.#memory.read(key)) return;
    await this.#memory.write(key, record, memoryTime);
  }

  /**
   * Ends the grant with all its tokens. Ending it twice is no error.
   * @param isReplaced the client goes on with a newer grant, and with its sessions.
   */
  revoke(grant: GrantName, isReplaced: boolean): Promise<void> {
    return this.#queue.run(() => this.#revoke(grant, isReplaced));
  }

  /** Forgets what is due. */
  override async alarm(): Promise<void> {
    const unfinished = await this.#memory.findUnfinished();
    if (unfinished !== null) await this.#queue.run(() => this.#finishEnd(unfinished));
    await this.#memory.sweep();
  }

  async #revoke({ userId, grantId }: GrantName, isReplaced: boolean): Promise<void> {
    await this.#memory.end(this.#tombstoneTime);
    await this.#memory.noteUnfinished(`${userId}:${grantId}`, endAgainTime);
    await this.#delete({ userId, grantId });
    if (!isReplaced) await this.#endSessions({ userId, grantId });
  }

  /** Deletes the grant's records. KV may fail: the alarm tries again, or the grant would come back one day. */
  async #delete({ userId, grantId }: GrantName): Promise<void> {
    await this.#server.getOAuthApi(this.#openEnv()).revokeGrant(grantId, userId);
    await this.#memory.finish();
  }

  async #finishEnd(unfinished: string): Promise<void> {
    const [userId = "", grantId = ""] = unfinished.split(":");
    try {
      await this.#delete({ userId, grantId });
    } catch (error) {
      logFailure("revoke-failure", error);
      await this.#memory.end(this.#tombstoneTime);
      await this.#memory.noteUnfinished(unfinished, endAgainTime);
    }
  }

  async #answer(request: Request): Promise<Response> {
    const { url, method, headers } = request;
    const body = await readText(request);
    await this.#takeOverEnd(body);
    const refresh = await Refresh.read(headers, body);
    const again = refresh && (await this.#replay(request, refresh));
    if (again !== undefined) return again;
    const copy = new Request(url, { method, headers, body });
    const wasEnded = await this.#memory.isEnded();
    const response = await this.#ask(copy, refresh !== undefined);
    if (!wasEnded && (await this.#memory.isEnded())) {
      // The client gave it back, a code came twice, or the upstream server let the person go.
      const grant = findGrantOfForm(new URLSearchParams(body));
      if (grant !== undefined) this.ctx.waitUntil(this.#endSessions(grant));
    }
    if (response.status !== 200) return response;
    if (refresh === undefined) {
      this.#replaceOlder(new URLSearchParams(body));
      return response;
    }
    const answer = await response.clone().text();
    await this.#memory.write(refresh.key, await refresh.seal(answer), replayTime);
    return response;
  }

  /** The grant of a code that was redeemed takes the place of the client's older ones. */
  #replaceOlder(form: URLSearchParams): void {
    if (form.get("grant_type") !== "authorization_code") return;
    const grant = findGrantOfForm(form);
    if (grant === undefined) return;
    this.ctx.waitUntil(
      endOlderGrants(this.#openEnv(), grant).catch((error: unknown) =>
        logFailure("older-grants-failure", error),
      ),
    );
  }

  /** Ends the grant of a request where an operator ended it in KV, before anything writes it back. */
  async #takeOverEnd(body: string): Promise<void> {
    const grant = findGrantOfForm(new URLSearchParams(body));
    if (grant === undefined || (await this.#memory.isEnded())) return;
    const note = await this.env.OAUTH_KV.get(toEndedKey(grant));
    if (note !== null) await this.#revoke(grant, false);
  }

  /** The answer of a rotation again, after the client has authenticated again. */
  async #replay(request: Request, refresh: Refresh): Promise<Response | undefined> {
    const row = await this.#memory.read(refresh.key);
    if (typeof row?.value !== "string" || (await this.#memory.isEnded())) return undefined;
    const authenticated = await this.#ask(refresh.toAuthentication(request));
    if (!authenticated.ok) return authenticated;
    const headers = new Headers(authenticated.headers);
    headers.delete("content-length");
    headers.set("content-type", "application/json");
    headers.set("cache-control", "no-store");
    headers.set("pragma", "no-cache");
    return new Response(await refresh.open(row.value, Date.now() - row.at), { headers });
  }

  #ask(request: Request, isRefresh = false): Promise<Response> {
    // The library uses nothing of the context but what an object has, too.
    const ctx = this.ctx as unknown as ExecutionContext;
    return this.#server.fetch(request, this.#openEnv(isRefresh), ctx);
  }

  #openEnv(isRefresh = false): WorkerEnv {
    const { OAUTH_KV } = withoutLongKeys(this.env);
    return {
      ...this.env,
      OAUTH_KV: rememberWrites(OAUTH_KV, this.#memory, {
        tombstoneTime: this.#tombstoneTime,
        isRefresh,
      }),
    };
  }

  /** As long as anything of the grant could be used, and as KV may be late. */
  get #tombstoneTime(): number {
    return Math.max(this.#settings.tokens.access, codeLifetime) * 1000 + memoryTime;
  }

  /**
   * Ends what runs under the grant. The grant is gone whatever becomes of it: what is left ends with its
   * token.
   */
  async #endSessions({ userId, grantId }: GrantName): Promise<void> {
    const people = listPeople(this.env);
    try {
      await people.get(people.idFromName(userId)).endSessions(grantId);
    } catch (error) {
      logFailure("end-sessions-failure", error);
    }
  }
}
