import { Agent } from "node:http";
import { Socket, type TcpNetConnectOpts } from "node:net";

/** Node's streams call this when something is written. */
type Done = (error?: Error | null) => void;

/**
 * A connection whose answer is read though its request could not be written to the end. A server may answer
 * early and close, as with 401 or 413 to a large body; then writing fails while the answer has arrived, and a
 * client is to look for it (RFC 9112 section 9.6). Node's own socket drops what it has not read when a write
 * fails. Here a failed write never ends: the connection does, and reading it says how.
 */
class PatientSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    super._write(chunk, encoding, endUnlessFailed(done));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: Done): void {
    super._writev?.(chunks, endUnlessFailed(done));
  }
}

function endUnlessFailed(done: Done): Done {
  return (error) => {
    if (!error) done();
  };
}

/** Opens a connection for each request, and reads early answers. */
class PatientAgent extends Agent {
  constructor() {
    // None is kept: after a restart of the runtime, a kept one was seen to be reset under a request.
    super({ keepAlive: false });
  }

  override createConnection(options: TcpNetConnectOpts): Socket {
    return new PatientSocket().connect(options);
  }
}

/** Where a runtime takes requests. */
export interface RuntimeEntry {
  /** Port of 127.0.0.1 that answers. */
  readonly port: number;
  /**
   * Headers with which it takes a request for a Worker. They hold a secret of this start: whoever does not
   * know it reaches no Worker at the port, though it is open to every program of this machine.
   * @param worker name of the Worker. Default: the runtime's first.
   */
  headersFor(worker?: string): Readonly<Record<string, string>>;
}

/** Where a runtime listens, and what keeps it from being restarted under a request. */
export interface Passage extends RuntimeEntry, Disposable {
  readonly agent: Agent;
  /** Says that this request is a stream: a restart ends it with `end` and does not wait for it. */
  becomeStream(end: () => void): void;
}

/**
 * Is in front of a runtime that restarts. Requests that arrive meanwhile wait, those in flight finish
 * first, streams are ended, and none fails.
 */
export class Gate implements Disposable {
  #entry: RuntimeEntry | undefined;
  /** Why there is no runtime; undefined while there is one, or will be. */
  #refusal: Error | undefined;
  #agent = new PatientAgent();
  #opened = Promise.withResolvers<void>();
  #asked = Promise.withResolvers<void>();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #streams = new Set<() => void>();

  /** Resolves when a request waits for the gate to open, or has waited since it was closed. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  /** Lets requests through to this runtime, the waiting ones too. */
  open(runtime: RuntimeEntry): void {
    // Its port may be another after the next restart.
    const { port } = runtime;
    this.#entry = { port, headersFor: (worker) => runtime.headersFor(worker) };
    this.#refusal = undefined;
    // A connection to the previous runtime would fail.
    this.#agent.destroy();
    this.#agent = new PatientAgent();
    this.#opened.resolve();
    this.#asked = Promise.withResolvers();
  }

  /** Refuses requests, the waiting ones too, until `close` or `open`: no runtime is on its way. */
  refuse(reason: Error): void {
    this.#entry = undefined;
    this.#refusal = reason;
    this.#opened.resolve();
    this.#asked = Promise.withResolvers();
  }

  /**
   * Waits until the gate is open. The passage is to be disposed of when the answer has ended.
   * @throws what `refuse` was given.
   */
  async pass(): Promise<Passage> {
    // It may have closed again before this continues.
    while (this.#entry === undefined) {
      if (this.#refusal !== undefined) throw this.#refusal;
      this.#asked.resolve();
      await this.#opened.promise;
    }
    const ended = Promise.withResolvers<void>();
    const inFlight = ended.promise;
    let stream: (() => void) | undefined;
    this.#inFlight.add(inFlight);
    const leave = () => {
      this.#inFlight.delete(inFlight);
      ended.resolve();
    };
    return {
      ...this.#entry,
      agent: this.#agent,
      becomeStream: (end) => {
        stream = end;
        this.#streams.add(end);
        leave();
      },
      [Symbol.dispose]: () => {
        if (stream !== undefined) this.#streams.delete(stream);
        leave();
      },
    };
  }

  /**
   * Lets new requests wait until `open`. Resolves when those in flight have ended, after
   * `drainTime` milliseconds at most, and the streams were ended.
   */
  async close(drainTime: number): Promise<void> {
    if (this.#entry !== undefined || this.#refusal !== undefined) {
      this.#entry = undefined;
      this.#refusal = undefined;
      this.#opened = Promise.withResolvers<void>();
    }
    const { promise: timeout, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, drainTime);
    // One that waits for another, as a Worker that calls this API, joins late.
    while (this.#inFlight.size > 0) {
      const drained = await Promise.race([
        Promise.allSettled(this.#inFlight).then(() => true),
        timeout.then(() => false),
      ]);
      if (!drained) break;
    }
    clearTimeout(timer);
    // The last: an answer may come over one of them.
    for (const end of this.#streams) end();
  }

  [Symbol.dispose](): void {
    this.refuse(new Error("the server has ended"));
    this.#agent.destroy();
  }
}
