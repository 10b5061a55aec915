import { DurableObject } from "cloudflare:workers";
import type { DurableObjectNamespace } from "@cloudflare/workers-types";
import { digest } from "../digest.ts";
import type { WorkerEnv } from "../env.ts";
import { readSettings } from "../env.ts";
import { type Features, ownFeatures } from "../features.ts";
import type { PersonState } from "../state/person-state.ts";
import type { Caller } from "./caller.ts";
import { ListenSession } from "./listen-session.ts";
import {
  type ActiveSession,
  noSession,
  type SessionParts,
  WatchedTopics,
} from "./session-parts.ts";
import { SseSession } from "./sse-session.ts";
import { StreamableSession } from "./streamable-session.ts";

/** Milliseconds without a message after which an HTTP+SSE stream is ended. Its client comes back. */
const idleStreamTime = 3_600_000;

/**
 * Milliseconds without a request after which a Streamable HTTP session ends. Long: neither SDK's
 * client starts over when its session is gone, and an idle one is a small row.
 */
const idleSessionTime = 7 * 86_400_000;

/** Milliseconds of use after which it is noted anew: each time is a write. */
const noteTime = 86_400_000;

/** Bytes of an `initialize` that are kept, to play it again. */
const largestInitialize = 16_384;

/** What became of a message: an HTTP status for `POST /sse/message`. */
export type DeliveryStatus = 202 | 400 | 404;

/** What is stored of a Streamable HTTP session, so that it outlives the memory of its object. */
interface StoredSession {
  /** Who may use it, as a digest: nothing of the person stands here. */
  readonly owner: string;
  /** Id of the person's storage object. */
  readonly person: string;
  /** The client's `initialize` message. */
  readonly initialize: unknown;
  /** Milliseconds since the epoch of a use, not older than a day before the last one. */
  readonly usedAt: number;
}

/** What is in memory of a session. */
interface ActiveState {
  readonly owner: string;
  readonly person: string;
  readonly session: ActiveSession;
}

/**
 * One session of one client: an HTTP+SSE stream, a Streamable HTTP session, or a
 * `subscriptions/listen` stream. It belongs to the person and the client that opened it.
 */
export class McpSession extends DurableObject<WorkerEnv> {
  /** What its server offers. */
  protected readonly features: Features = ownFeatures;
  #active: ActiveState | undefined;
  /** Milliseconds since the epoch of the last message for a stream. */
  #usedAt = Date.now();

  /** Opens an HTTP+SSE stream. One object has one stream, ever. */
  async open(caller: Caller, messageUrl: string): Promise<Response> {
    if (this.#active !== undefined) return new Response("This session is open.", { status: 409 });
    const person = this.#personOf(caller);
    const topics = this.#watchTopics(person);
    const { session, response } = await SseSession.open(
      this.#parts(),
      caller,
      topics,
      messageUrl,
      () => this.#forget(session, person),
    );
    this.#active = { owner: await nameOwner(caller), person, session };
    this.#usedAt = Date.now();
    await this.ctx.storage.setAlarm(this.#usedAt + idleStreamTime);
    await this.#personStub(person).addSession(this.#id);
    return response;
  }

  /**
   * Takes one message for the HTTP+SSE stream. A session that ended and a session of somebody else
   * give the same 404, so that an id tells a stranger nothing.
   */
  async deliver(caller: Caller, body: string): Promise<DeliveryStatus> {
    const active = this.#active;
    if (!(active?.session instanceof SseSession)) return 404;
    if (active.owner !== (await nameOwner(caller))) return 404;
    this.#usedAt = Date.now();
    return active.session.deliver(caller, body);
  }

  /** Starts a Streamable HTTP session with the client's `initialize`. */
  async start(caller: Caller, request: Request, initialize: unknown): Promise<Response> {
    const owner = await nameOwner(caller);
    const person = this.#personOf(caller);
    if (JSON.stringify(initialize).length > largestInitialize) {
      return new Response("The initialize message is too large.", { status: 413 });
    }
    const session = await StreamableSession.start(
      this.#parts(),
      this.#id,
      this.#watchTopics(person),
    );
    const response = await session.handle(caller, request, initialize);
    if (!response.ok) return response;
    this.#active = { owner, person, session };
    await this.#note({ owner, person, initialize, usedAt: Date.now() });
    await this.#personStub(person).addSession(this.#id);
    return response;
  }

  /**
   * Serves a later request of a Streamable HTTP session. One that ended, never was, or is somebody
   * else's is a 404, after which the client starts anew.
   */
  async handle(caller: Caller, request: Request, body: unknown): Promise<Response> {
    const stored = await this.ctx.storage.get<StoredSession>("session");
    if (stored === undefined || stored.owner !== (await nameOwner(caller))) return noSession(body);
    if (request.method === "DELETE") {
      await this.end();
      return new Response(null, { status: 200 });
    }
    const now = Date.now();
    if (now - stored.usedAt > noteTime) await this.#note({ ...stored, usedAt: now });
    const session = await this.#resume(stored, caller);
    return session.handle(caller, request, body);
  }

  /** Opens a `subscriptions/listen` stream for resources that change with the given collections. */
  async listen(
    caller: Caller,
    request: Request,
    body: unknown,
    watched: readonly { readonly topic: string; readonly uri: string }[],
  ): Promise<Response> {
    if (this.#active !== undefined) return new Response("This session is open.", { status: 409 });
    const person = this.#personOf(caller);
    const topics = this.#watchTopics(person);
    const session = new ListenSession(this.#parts(), topics);
    this.#active = { owner: await nameOwner(caller), person, session };
    await this.#personStub(person).addSession(this.#id);
    for (const { topic, uri } of watched) await topics.watch(topic, uri);
    return session.listen(caller, request, body, () => this.#forget(session, person));
  }

  /** See `ActiveSession.notify`. Called by the person's storage. */
  async notify(topic: string): Promise<boolean> {
    if (this.#active !== undefined) return this.#active.session.notify(topic);
    // Asleep, with no stream that could carry it; it is told again after it subscribed anew.
    return false;
  }

  /** Ends the session, whoever asks: the person has too many, or the client said goodbye. */
  async end(): Promise<void> {
    const stored = await this.ctx.storage.get<StoredSession>("session");
    const person = this.#active?.person ?? stored?.person;
    const session = this.#active?.session;
    this.#active = undefined;
    await session?.end();
    await this.ctx.storage.deleteAll();
    if (person !== undefined) await this.#removeFrom(person);
  }

  /** Ends the session where nobody used it for too long. */
  override async alarm(): Promise<void> {
    const stored = await this.ctx.storage.get<StoredSession>("session");
    const dueAt =
      stored === undefined ? this.#usedAt + idleStreamTime : stored.usedAt + idleSessionTime;
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

  async #resume(stored: StoredSession, caller: Caller): Promise<StreamableSession> {
    const active = this.#active?.session;
    if (active instanceof StreamableSession) return active;
    const { owner, person, initialize } = stored;
    const topics = this.#watchTopics(person);
    const session = await StreamableSession.resume(
      this.#parts(),
      this.#id,
      topics,
      caller,
      initialize,
    );
    this.#active = { owner, person, session };
    return session;
  }

  async #note(stored: StoredSession): Promise<void> {
    await this.ctx.storage.put<StoredSession>("session", stored);
    await this.ctx.storage.setAlarm(stored.usedAt + idleSessionTime);
  }

  /** A stream has ended by itself. */
  #forget(session: ActiveSession, person: string): void {
    if (this.#active?.session !== session) return;
    this.#active = undefined;
    this.ctx.waitUntil(this.ctx.storage.deleteAll().then(() => this.#removeFrom(person)));
  }

  #removeFrom(person: string): Promise<void> {
    return this.#personStub(person).removeSession(this.#id);
  }

  #watchTopics(person: string): WatchedTopics {
    return new WatchedTopics(
      (topic) => this.#personStub(person).watch(this.#id, topic),
      (topic) => this.#personStub(person).unwatch(this.#id, topic),
    );
  }

  #personStub(person: string) {
    return this.#people().get(this.#people().idFromString(person));
  }

  /** Id of the person's storage object: it stands for the person and tells nothing of them. */
  #personOf({ person }: Caller): string {
    return this.#people().idFromName(person.userId).toString();
  }

  #people(): DurableObjectNamespace<PersonState> {
    return this.env.PEOPLE as unknown as DurableObjectNamespace<PersonState>;
  }
}

/** The person, the client and the endpoint a session belongs to. */
function nameOwner({ person, clientId, resource }: Caller): Promise<string> {
  return digest(JSON.stringify([person.userId, clientId, resource]));
}
