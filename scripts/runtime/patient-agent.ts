import { Agent } from "node:http";
import { Socket, type TcpNetConnectOpts } from "node:net";

/**
 * A connection whose answer is read though its request could not be written to the end. A server may answer
 * early and close, as with 401 or 413 to a large body; then writing fails while the answer has arrived, and a
 * client is to look for it (RFC 9112 section 9.6). Node's own socket is destroyed with the failed write and
 * drops what it has not read yet.
 */
class PatientSocket extends Socket {
  #isGivenUp = false;

  override destroy(error?: NodeJS.ErrnoException): this {
    if (error?.syscall !== "write" || this.#isGivenUp) return super.destroy(error);
    this.#isGivenUp = true;
    // The answer was sent before the connection was closed, so it is here: the next two turns of the event loop read it.
    setImmediate(() => setImmediate(() => super.destroy(error)));
    return this;
  }
}

/** Opens a connection for each request, and reads early answers. */
export class PatientAgent extends Agent {
  constructor() {
    // None is kept: after a restart of the runtime, a kept one was seen to be reset under a request.
    super({ keepAlive: false });
  }

  override createConnection(options: TcpNetConnectOpts): Socket {
    return new PatientSocket().connect(options);
  }
}
