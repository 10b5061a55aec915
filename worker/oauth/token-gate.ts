import { DurableObject } from "cloudflare:workers";
import type { ExecutionContext } from "@cloudflare/workers-types";
import { readText } from "../body.ts";
import { digest } from "../digest.ts";
import { readSettings, shortestTokenLifetime, type WorkerEnv } from "../env.ts";
import { logEvent, logFailure } from "../log.ts";
import { listPeople } from "../state/people.ts";
import { createAuthorizationServer } from "./authorization-server.ts";
import { toDay } from "./clients/client-facts.ts";
import { type ClientRefusal, refuseClient } from "./clients/refuse-client.ts";
import {
  type CompanyGrant,
  isBeforeAllowance,
  readGrantStart,
  renewRecord,
} from "./company/way-in.ts";
import { askAgain } from "./gate/ask-again.ts";
import { isAllowance, isEnd, toEndedKey } from "./gate/ended-outside.ts";
import { GateMemory } from "./gate/gate-memory.ts";
import { memoryTime, rememberWrites } from "./gate/gate-store.ts";
import { withoutLongKeys } from "./gate/long-keys.ts";
import { type Effect, findEffect, keepGrants } from "./gate/may-change.ts";
import { endOlderGrants } from "./gate/older-grants.ts";
import { OwnedToken } from "./gate/owned-token.ts";
import { Queue } from "./gate/queue.ts";
import { kvCopyTime } from "./gate/recent-records.ts";
import { findStanding } from "./gate/replaced-tokens.ts";
import { Refresh } from "./gate/replay.ts";
import { Rotations } from "./gate/rotations.ts";
import { findRecords } from "./gate/token-records.ts";
import { findGrantOfForm, findGrantOfKey, toGrantKey } from "./gate/well-formed-token.ts";
import type { GrantName } from "./revoke.ts";

/** A gate's answer about a token. */
export interface Look {
  /** The grant or this token was ended. */
  readonly isEnded: boolean;
  /** The token's record, if it is new. */
  readonly record: string | null;
}

/** Milliseconds after which an end that KV did not take is tried again. */
const endAgainTime = 60_000;

/** Requests that one gate holds at once, and as many beside its queue: a client has a few windows. */
const mostAtOnce = 32;

/** The refusal of a refresh token that is no longer valid. */
const invalidGrant: ClientRefusal = {
  status: 400,
  error: "invalid_grant",
  description: "The refresh token was replaced. Sign in again.",
};

/** Seconds for which a code may be redeemed, as the library has it. */
const codeLifetime = 600;

/**
 * Handles the token and revocation requests of one grant one after the other, and remembers what Workers
 * KV shows late. It stores nothing for a grant that does not exist, and nothing for long.
 */
export class TokenGate extends DurableObject<WorkerEnv> {
  readonly #settings = readSettings(this.env);
  readonly #server = createAuthorizationServer(this.#settings);
  readonly #memory = new GateMemory(this.ctx.storage);
  readonly #rotations = new Rotations(this.#memory);
  readonly #queue = new Queue();
  /** Requests outside the queue, which can issue nothing. */
  #beside = 0;

  /**
   * Answers a request to the token endpoint: in its turn, or outside the queue if it can issue
   * nothing. So nobody but the grant's own client can make it wait.
   */
  async answer(request: Request): Promise<Response> {
    const body = await readText(request);
    const { url, method, headers } = request;
    const copy = new Request(url, { method, headers, body });
    const grant = findGrantOfForm(new URLSearchParams(body));
    // Read in parallel: KV takes longest to say that a key does not exist.
    const isEnded = grant === undefined ? Promise.resolve(false) : this.#isEndedOutside(grant);
    isEnded.catch(() => undefined);
    const effect = await this.#findEffect(body, headers);
    if (effect === "any") {
      if (this.#queue.length >= mostAtOnce) return askAgain();
      return this.#queue.run(() => this.#answer(copy, body, isEnded));
    }
    if (this.#beside >= mostAtOnce) return askAgain();
    this.#beside++;
    const mayEnd = effect === "end" ? grant : undefined;
    return this.#answerBeside(copy, mayEnd).finally(() => this.#beside--);
  }

  /** Answers a request that can issue nothing. @param mayEnd the grant, when it can end that. */
  async #answerBeside(request: Request, mayEnd: GrantName | undefined): Promise<Response> {
    const env = this.#openEnv();
    let isEnd = false;
    const noteEnd = () => {
      isEnd = true;
    };
    const onEnd = mayEnd && noteEnd;
    const OAUTH_KV = keepGrants(env.OAUTH_KV, onEnd);
    const response = await this.#server.fetch(request, { ...env, OAUTH_KV }, this.#context);
    if (mayEnd !== undefined && isEnd) await this.revoke(mayEnd, false);
    return response;
  }

  /**
   * What is known about a token. It does not wait for requests.
   * @param key of its record. @param isStored whether Workers KV shows the record.
   */
  async look(key: string, isStored = false): Promise<Look> {
    await this.noteUse(key);
    const row = await this.#memory.read(key);
    const isEnded = (await this.#memory.isEnded()) || row?.value === null;
    if (isEnded || row === undefined) return { isEnded, record: null };
    // Gone from KV, or not there yet. An operator's note decides; otherwise an end would wait until the row is
    // forgotten.
    const grant = isStored ? undefined : findGrantOfKey(key);
    const note = grant === undefined ? null : await this.#readNote(grant);
    const isGone = isAllowance(note) ? isBeforeAllowance(row.value, note) : isEnd(note);
    return isGone ? { isEnded: true, record: null } : { isEnded, record: row.value };
  }

  /** Notes that an access token is in use, by the key of its record. It does not wait for requests. */
  async noteUse(key: string): Promise<void> {
    await this.#rotations.noteUse(key.split(":").at(-1) ?? "");
  }

  /** Takes over the record of a grant that was just made: its code may arrive before KV shows it. */
  async remember(key: string, record: string): Promise<void> {
    if (await this.#memory.isEnded()) return;
    // If the code was redeemed meanwhile, that record is newer.
    if (await this.#memory.read(key)) return;
    await this.#memory.write(key, record, memoryTime);
  }

  /**
   * Ends the grant with all its tokens. Ending it twice is no error.
   * @param isReplaced the client continues with a newer grant, and keeps its sessions.
   */
  revoke(grant: GrantName, isReplaced: boolean): Promise<void> {
    return this.#queue.run(() => this.#revoke(grant, isReplaced));
  }

  /**
   * Writes a record of a personal token again, in its turn: with the day of use, or with another value.
   * Does not bring back a token that was ended.
   * @param key of its grant or of what belongs to that.
   */
  rewrite(grant: GrantName, key: string, value?: string): Promise<void> {
    return this.#queue.run(async () => {
      await this.#takeOverEnd(grant);
      if (await this.#memory.isEnded()) return;
      const { OAUTH_KV } = this.#openEnv();
      const kept = await OAUTH_KV.get(key);
      const today = `"lastUsed":"${toDay(Date.now())}"`;
      if (kept === null || (value === undefined && kept.includes(today))) return;
      const record = value ?? kept;
      const { expiresAt } = JSON.parse(record) as { readonly expiresAt: number };
      if (isAlmostOver(expiresAt)) return;
      await OAUTH_KV.put(key, record, { expiration: expiresAt });
    });
  }

  /**
   * Writes the one grant that a company gives a person for a client, when that client gets a token.
   * @returns when the grant began, in seconds since the epoch; undefined if the client may have no token, because
   * the person or an operator ended the grant.
   */
  admit(grant: CompanyGrant): Promise<number | undefined> {
    return this.#queue.run(async () => {
      const note = await this.#readNote(grant);
      if ((await this.#memory.isEnded()) || isEnd(note)) return undefined;
      const { OAUTH_KV } = this.#openEnv();
      const key = toGrantKey(grant);
      const kept = await OAUTH_KV.get(key);
      const record = renewRecord(grant, kept, note);
      if (record === undefined) return readGrantStart(kept ?? "");
      const { clientId, expiresAt: expiration } = grant;
      await OAUTH_KV.put(key, record, { expiration, metadata: { clientId } });
      return readGrantStart(record);
    });
  }

  /** Undoes the end of such a grant: its client may get a token again, and older tokens stay invalid. */
  readmit(grant: GrantName): Promise<void> {
    return this.#queue.run(async () => {
      // Workers KV may show the earlier record for a while.
      await this.#memory.write(toGrantKey(grant), null, memoryTime);
      // A pending end that Workers KV has not taken yet would end what is allowed now.
      await this.#memory.finish();
      await this.#memory.revive();
    });
  }

  /** Forgets what is due. */
  override async alarm(): Promise<void> {
    // In its turn: what is done before it may leave nothing to do.
    await this.#queue.run(async () => {
      await this.#finishEnd();
      await this.#writePostponed();
    });
    await this.#memory.sweep();
  }

  async #revoke({ userId, grantId }: GrantName, isReplaced: boolean): Promise<void> {
    // The object may share its isolate with code that answers calls.
    findRecords(this.env).forget({ userId, grantId });
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

  /** Deletes what KV has not deleted yet of a grant that ended. */
  async #finishEnd(): Promise<void> {
    const unfinished = await this.#memory.findUnfinished();
    if (unfinished === null) return;
    const [userId = "", grantId = ""] = unfinished.split(":");
    try {
      await this.#delete({ userId, grantId });
    } catch (error) {
      logFailure("revoke-failure", error);
      await this.#memory.end(this.#tombstoneTime);
      await this.#memory.noteUnfinished(unfinished, endAgainTime);
    }
  }

  /** Writes what KV refused as too soon. Whatever fails, the alarm tries again, or the grant would be lost one day. */
  async #writePostponed(): Promise<void> {
    const postponed = await this.#memory.findPostponed();
    if (postponed === undefined) return;
    const { key, options } = postponed;
    const { OAUTH_KV } = withoutLongKeys(this.env);
    try {
      // Also if KV cannot be read: an operator may have ended the grant.
      const grant = findGrantOfKey(key);
      if (grant !== undefined) await this.#takeOverEnd(grant);
      const row = await this.#memory.read(key);
      const isOver =
        (await this.#memory.isEnded()) || !row?.value || isAlmostOver(options?.expiration);
      if (!isOver) {
        await OAUTH_KV.put(key, row.value, options);
        // KV may show the record of before as long as any other.
        await this.#memory.hold(key, row.value, memoryTime);
      }
      await this.#memory.dropPostponed();
    } catch (error) {
      logFailure("grant-write-failure", error);
      const row = await this.#memory.read(key);
      if (row) await this.#memory.hold(key, row.value, this.#tombstoneTime);
      await this.#memory.postpone(postponed, endAgainTime);
    }
    await this.#memory.store();
  }

  /**
   * What a request can do. If the store fails: anything. It is asked again in the queue, where a failure
   * reaches the client.
   */
  async #findEffect(body: string, headers: Headers): Promise<Effect> {
    try {
      const kv = this.#openEnv().OAUTH_KV;
      return await findEffect(body, headers, { kv, memory: this.#memory });
    } catch (error) {
      logFailure("token-gate-failure", error);
      return "any";
    }
  }

  /** @param isEndedOutside whether an operator ended the grant in KV. */
  async #answer(
    request: Request,
    body: string,
    isEndedOutside: Promise<boolean>,
  ): Promise<Response> {
    const grant = findGrantOfForm(new URLSearchParams(body));
    if (grant !== undefined) await this.#takeOverEnd(grant, () => isEndedOutside);
    const refresh = await Refresh.read(body);
    if (grant !== undefined && refresh !== undefined) return this.#refresh(request, refresh, grant);
    const wasEnded = await this.#memory.isEnded();
    const response = await this.#ask(request);
    await this.#noticeEnd(wasEnded, grant);
    if (response.status !== 200) return response;
    const form = new URLSearchParams(body);
    this.#replaceOlder(form);
    // A client that revokes an access token has received it.
    const token = form.get("token");
    if (token !== null) await this.#rotations.noteUse(await digest(token));
    return response;
  }

  /** Ends the grant's sessions if a request ended the grant. */
  async #noticeEnd(wasEnded: boolean, grant: GrantName | undefined): Promise<void> {
    if (wasEnded || grant === undefined || !(await this.#memory.isEnded())) return;
    // The client revoked it, a code came twice, or the upstream server ended the person's access.
    this.ctx.waitUntil(this.#endSessions(grant));
  }

  /**
   * A refresh. The current token gets new ones, and so does one whose rotation broke off before anybody
   * had its answer. A replaced token gets the same answer again or a refusal, and never new tokens (OAuth
   * 2.1 section 4.3.1); the library alone would give it new ones until its successor is used.
   */
  async #refresh(request: Request, refresh: Refresh, grant: GrantName): Promise<Response> {
    if (await this.#memory.isEnded()) return this.#ask(request);
    const key = toGrantKey(grant);
    const record = await this.#openEnv().OAUTH_KV.get(key);
    const standing = findStanding(record, refresh.id);
    const rotation = await this.#rotations.find(refresh);
    if (record === null || (standing === "unknown" && rotation === undefined)) {
      return this.#ask(request);
    }
    // What the gate knows comes first: KV may show an earlier record.
    if (rotation?.kind === "pending" || (standing === "current" && rotation === undefined)) {
      await this.#rotations.begin(refresh);
      const response = await this.#ask(request, true);
      await this.#noticeEnd(false, grant);
      if (response.ok) await this.#rotations.keep(refresh, await response.clone().text());
      // After a refusal nothing was rotated; after "try again later" KV may have taken a part of it.
      else if (rotation === undefined && isFinal(response)) await this.#rotations.cancel(refresh);
      return response;
    }
    const token = { grantKey: key, record, id: refresh.id };
    const owned = new OwnedToken(this.#openEnv().OAUTH_KV, token);
    const authenticated = await this.#server.fetch(
      refresh.toRevocation(request),
      { ...this.env, OAUTH_KV: owned.kv },
      this.#context,
    );
    if (!authenticated.ok) return authenticated;
    if (!owned.isOwned)
      return this.#refuse(request, invalidGrant, "refresh_token_of_another_client");
    if (rotation === undefined) {
      if (standing === "replaced-unnoted") {
        return this.#refuse(request, invalidGrant, "refresh_token_replaced");
      }
      // Two parties have the token, and nobody can tell which of them is the client (RFC 9700 section 4.14.2).
      await this.#revoke(grant, false);
      return this.#refuse(request, invalidGrant, "refresh_token_reused");
    }
    const replay = await refresh.open(rotation.sealed, rotation.age);
    if ("refusal" in replay)
      return this.#refuse(request, replay.refusal, "replay_of_another_request");
    const headers = new Headers(authenticated.headers);
    headers.delete("content-length");
    headers.set("content-type", "application/json");
    headers.set("cache-control", "no-store");
    headers.set("pragma", "no-cache");
    return new Response(replay.answer, { headers });
  }

  /** Refuses a refresh. The log says so in the library's words, which the runbook explains. */
  #refuse(request: Request, refusal: ClientRefusal, reason: string): Response {
    const { error: code, status } = refusal;
    logEvent("oauth-error", { code, status, category: "refresh-token-grant", reason });
    return refuseClient(request, refusal);
  }

  /** The grant of a redeemed code replaces the client's older ones. */
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

  /**
   * Ends the grant of a request if an operator ended it in KV, before anything writes it back.
   * @param ask tells whether an operator did.
   */
  async #takeOverEnd(grant: GrantName, ask = () => this.#isEndedOutside(grant)): Promise<void> {
    if (await this.#memory.isEnded()) return;
    if (await ask()) await this.#revoke(grant, false);
  }

  /** Whether an operator ended a grant in KV. */
  async #isEndedOutside(grant: GrantName): Promise<boolean> {
    return isEnd(await this.#readNote(grant));
  }

  /** What an operator, or a person whose company decides, left about the end of a grant. */
  #readNote(grant: GrantName): Promise<string | null> {
    return this.env.OAUTH_KV.get(toEndedKey(grant), { cacheTtl: kvCopyTime });
  }

  /** Asks the library. What it wrote is stored before anybody has its answer. */
  async #ask(request: Request, isRefresh = false): Promise<Response> {
    const env = this.#openEnv({ isRefresh, holdsGrant: !isRefresh });
    try {
      return await this.#server.fetch(request, env, this.#context);
    } finally {
      await this.#memory.store();
    }
  }

  /** The library uses only those parts of the context that an object has, too. */
  get #context(): ExecutionContext {
    return this.ctx as unknown as ExecutionContext;
  }

  #openEnv({ isRefresh = false, holdsGrant = false } = {}): WorkerEnv {
    const { OAUTH_KV } = withoutLongKeys(this.env);
    return {
      ...this.env,
      OAUTH_KV: rememberWrites(OAUTH_KV, this.#memory, {
        tombstoneTime: this.#tombstoneTime,
        isRefresh,
        holdsGrant,
      }),
    };
  }

  /** As long as any token of the grant could be used, and as KV may lag. */
  get #tombstoneTime(): number {
    return Math.max(this.#settings.tokens.access, codeLifetime) * 1000 + memoryTime;
  }

  /**
   * Ends the grant's sessions. If that fails, the grant is gone all the same, and what is left ends with
   * its token.
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

/**
 * Whether a record ends so soon that KV does not accept it: its lifetime would be too short.
 * @param expiration in seconds since the epoch. Default: never.
 */
function isAlmostOver(expiration = Number.POSITIVE_INFINITY): boolean {
  return expiration - Date.now() / 1000 < shortestTokenLifetime;
}

/** Whether an answer is final: the client is not told to try again. */
function isFinal({ status }: Response): boolean {
  return status >= 400 && status < 500 && status !== 429;
}
