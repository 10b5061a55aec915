import type { InitializeRequest } from "@modelcontextprotocol/server";

/** The most bytes of an `initialize` that are kept for a replay. */
const largestInitialize = 16_384;

/** What is stored of a Streamable HTTP session, so that it outlives the memory of its object. */
export interface StoredSession {
  /** Who may use it, as a digest: nothing of the person is stored here. */
  readonly owner: string;
  /** Id of the person's storage object. */
  readonly person: string;
  /** The grant it was last noted with. A session of an earlier version has none. */
  readonly grantId?: string;
  /** The client's `initialize` message. */
  readonly initialize: object;
  /** Milliseconds since the epoch of a use, not older than a day before the last one. */
  readonly usedAt: number;
}

/**
 * The part of an `initialize` that is replayed: not the pictures and texts that a client may add.
 * @returns undefined if even that is too large to keep.
 */
export function shorten({ params }: InitializeRequest): object | undefined {
  const { protocolVersion, capabilities, clientInfo } = params;
  const { elicitation, sampling, roots } = capabilities;
  const { name, version } = clientInfo;
  const kept = {
    jsonrpc: "2.0",
    id: 0,
    method: "initialize",
    params: {
      protocolVersion,
      capabilities: { elicitation, sampling, roots },
      clientInfo: { name, version },
    },
  };
  try {
    return JSON.stringify(kept).length > largestInitialize ? undefined : kept;
  } catch {
    // Nested too deeply.
    return undefined;
  }
}
