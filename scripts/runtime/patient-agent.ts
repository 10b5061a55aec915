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
export class PatientAgent extends Agent {
  constructor() {
    // None is kept: after a restart of the runtime, a kept one was seen to be reset under a request.
    super({ keepAlive: false });
  }

  override createConnection(options: TcpNetConnectOpts): Socket {
    return new PatientSocket().connect(options);
  }
}
