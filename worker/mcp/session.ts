import { DurableObject } from "cloudflare:workers";
import type { InitializeRequest } from "@modelcontextprotocol/server";
import { digest } from "../digest.ts";
import type { WorkerEnv } from "../env.ts";
import { readSettings } from "../env.ts";
import type { Features } from "../kit/features.ts";
import { listPeople } from "../state/people.ts";
import { type Caller, timeLeft } from "./caller.ts";
import { ListenSession } from "./listen-session.ts";
import {
  type ActiveSession,
  noSession,
  type SessionParts,
  WatchedTopics,
} from "./session-parts.ts";
import { SseSession } from "./sse-session.ts";
import { type StoredSession, shorten } from "./stored-session.ts";
import { StreamableSession } from "./streamable-session.ts";

/** Milliseconds without a message after which an HTTP+SSE stream is ended. Its client comes back. */
const idleStreamTime = 3_600_000;

/**
 * Milliseconds without a request after which a Streamable HTTP session ends. Long: neither SDK's
 * client starts over when its session is gone, and an idle one is a small row.
 */
const idleSessionTime = 7 * 86_400_000;

/** Milliseconds of use after which it is noted again: each time is a write. */
const noteTime = 86_400_000;

/** How a message ended: an HTTP status for `POST /sse/message`. */
export type DeliveryStatus = 202 | 400 | 404;

/** The part of a session that is in memory. */
interface ActiveState {
  readonly owner: string;
  readonly person: string;
  readonly session: ActiveSession;
}

/**
 * One session of one client: an HTTP+SSE stream, a Streamable HTTP session, or a
 * `subscriptions/listen` stream. It belongs to the person and the client that opened it.
 */
export abstract class Session extends DurableObject<WorkerEnv> {
  /** The features that its server offers. */
  protected abstract readonly features: Features;
  #active: ActiveState | undefined;
  #resuming: Promise<StreamableSession> | undefined;
  /** Milliseconds since the epoch at which a stream ends if no message comes before. */
  #dueAt = 0;

  /** Opens an HTTP+SSE stream. One object has one stream, ever. */
  async open(caller: Caller, messageUrl: string): Promise<Response> {
    if (this.#active !== undefined) return new Response("This session is open.", { status: 409 });
    const { person, owner, topics } = await this.#describe(caller);
    const { session, response } = await SseSession.open(
      this.#parts(),
      caller,
      topics,
      messageUrl,
      () => this.#forget(session, person),
    );
    this.#use(caller);
    return this.#keep({ owner, person, session }, async () => {
      await this.ctx.storage.setAlarm(this.#dueAt);
      await this.#personStub(person).addSession(this.#id, caller.clientId, caller.grantId);
      return response;
    });
  }

  /**
   * Takes one message for the HTTP+SSE stream. A session that ended and a session of somebody else
   * give the same 404, so that an id tells a stranger nothing.
   */
  async deliver(caller: Caller, body: string): Promise<DeliveryStatus> {
    const active = this.#active;
    if (!(active?.session instanceof SseSession)) return 404;
    if (active.owner !== (await nameOwner(caller))) return 404;
    this.#use(caller);
    return active.session.deliver(caller, body);
  }

  /** Starts a Streamable HTTP session with the client's `initialize`. */
  async start(caller: Caller, request: Request, initialize: InitializeRequest): Promise<Response> {
    const { person, owner, topics } = await this.#describe(caller);
    const kept = shorten(initialize);
    if (kept === undefined) return new Response("This initialize is too large.", { status: 413 });
    const session = await StreamableSession.start(this.#parts(), this.#id, topics);
    return this.#keep({ owner, person, session }, async () => {
      const stored = { owner, person, initialize: kept, usedAt: Date.now() };
      await this.#note(stored, caller);
      return session.handle(caller, request, initialize);
    });
  }

  /**
   * Serves a later request of a Streamable HTTP session. One that ended, never was, or is somebody
   * else's is a 404, after which the client starts again.
   */
  async handle(caller: Caller, request: Request, body: unknown): Promise<Response> {
    const stored = await this.#readStored();
    if (stored === undefined || stored.owner !== (await nameOwner(caller))) return noSession(body);
    if (request.method === "DELETE") {
      await this.end();
      return new Response(null, { status: 200 });
    }
    const now = Date.now();
    const isNew = stored.grantId !== caller.grantId || now - stored.usedAt > noteTime;
    if (isNew) await this.#note({ ...stored, usedAt: now }, caller);
    const session = await this.#resume(stored, caller);
    return session?.handle(caller, request, body) ?? noSession(body);
  }

  /** Opens a `subscriptions/listen` stream for resources that change with the given collections. */
  async listen(
    caller: Caller,
    request: Request,
    body: unknown,
    watched: readonly { readonly topic: string; readonly uri: string }[],
  ): Promise<Response> {
    if (this.#active !== undefined) return new Response("This session is open.", { status: 409 });
    const { person, owner, topics } = await this.#describe(caller);
    const session = new ListenSession(this.#parts(), topics);
    return this.#keep({ owner, person, session }, async () => {
      await this.#personStub(person).addSession(this.#id, caller.clientId, caller.grantId);
      for (const { topic, uri } of watched) await topics.watch(topic, uri);
      return session.listen(caller, request, body, () => this.#forget(session, person));
    });
  }

  /**
   * A collection of the person's storage has changed. Called by that storage.
   * @returns asleep: no stream could carry it. It is told again once it has subscribed again.
   */
  async notify(topic: string): Promise<"told" | "asleep" | "gone"> {
    if (this.#active?.session.notify(topic)) return "told";
    return (await this.#readStored()) === undefined ? "gone" : "asleep";
  }

  /** Ends the session, whoever asks: the person has too many, or the client said goodbye. */
  async end(): Promise<void> {
    const stored = await this.#readStored();
    const person = this.#active?.person ?? stored?.person;
    const session = this.#active?.session;
    this.#active = undefined;
    await this.ctx.storage.deleteAll();
    await session?.end();
    if (person !== undefined) await this.#personStub(person).removeSession(this.#id);
  }

  /** Ends the session if nobody has used it for too long. */
  override async alarm(): Promise<void> {
    const stored = await this.#readStored();
    const dueAt = stored === undefined ? this.#dueAt : stored.usedAt + idleSessionTime;
    const isInUse = stored !== undefined || this.#active !== undefined;
    if (isInUse && dueAt > Date.now()) await this.ctx.storage.setAlarm(dueAt);
    else await this.end();
  }

  get #id(): string {
    return this.ctx.id.toString();
  }

  #parts(): SessionParts {
    return { features: this.features, settings: readSettings(this.env), env: this.env };
  }

  /** Notes a message for a stream, which may stay open for as long as its token lives. */
  #use(caller: Caller): void {
    this.#dueAt = Date.now() + Math.min(idleStreamTime, timeLeft(caller));
  }

  /** Keeps a session in memory. It is removed again if the work it begins with fails. */
  async #keep(active: ActiveState, begin: () => Promise<Response>): Promise<Response> {
    this.#active = active;
    try {
      const response = await begin();
      if (!response.ok) await this.end();
      return response;
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /**
   * The session of a client whose object was out of memory. Requests that come at once share one:
   * an answer finds its question only in the server that asked it.
   * @returns undefined if it was ended meanwhile.
   */
  async #resume(stored: StoredSession, caller: Caller): Promise<StreamableSession | undefined> {
    const active = this.#active?.session;
    if (active instanceof StreamableSession) return active;
    const { owner, person, initialize } = stored;
    this.#resuming ??= StreamableSession.resume(
      this.#parts(),
      this.#id,
      this.#watchTopics(person),
      caller,
      initialize,
    ).finally(() => {
      this.#resuming = undefined;
    });
    const session = await this.#resuming;
    if ((await this.#readStored()) === undefined) return undefined;
    this.#active ??= { owner, person, session };
    return session;
  }

  async #note(stored: StoredSession, { clientId, grantId }: Caller): Promise<void> {
    await this.ctx.storage.put<StoredSession>("session", { ...stored, grantId });
    await this.ctx.storage.setAlarm(stored.usedAt + idleSessionTime);
    await this.#personStub(stored.person).addSession(this.#id, clientId, grantId);
  }

  #readStored(): Promise<StoredSession | undefined> {
    return this.ctx.storage.get<StoredSession>("session");
  }

  /** Called when a stream has ended by itself. */
  #forget(session: ActiveSession, person: string): void {
    if (this.#active?.session !== session) return;
    this.#active = undefined;
    const remove = () => this.#personStub(person).removeSession(this.#id);
    this.ctx.waitUntil(this.ctx.storage.deleteAll().then(remove));
  }

  /** Whom a session belongs to. */
  async #describe(caller: Caller) {
    // It identifies the person and says nothing about them.
    const person = listPeople(this.env).idFromName(caller.person.userId).toString();
    return { person, owner: await nameOwner(caller), topics: this.#watchTopics(person) };
  }

  #watchTopics(person: string): WatchedTopics {
    return new WatchedTopics(
      (topic) => this.#personStub(person).watch(this.#id, topic),
      (topic) => this.#personStub(person).unwatch(this.#id, topic),
    );
  }

  #personStub(person: string) {
    const people = listPeople(this.env);
    return people.get(people.idFromString(person));
  }
}

/** The person, the client and the endpoint a session belongs to. */
function nameOwner({ person, clientId, resource }: Caller): Promise<string> {
  return digest(JSON.stringify([person.userId, clientId, resource]));
}
