import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  type Tool,
} from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Examination } from "../examination.ts";

/** The protocol of the modern client. Pinned, so that it does not fall back without a word. */
export const modernVersion = "2026-07-28";

/** How a client speaks: MCP 2026-07-28, its older revisions, or HTTP+SSE (2024-11-05). */
export type Way = "modern" | "legacy" | "sse";

/** How a client reports progress to its person. */
export type OnProgress = (progress: number) => void;

/** A real client that is connected, whichever SDK it comes from. */
export interface McpClient extends AsyncDisposable {
  listTools(): Promise<readonly Tool[]>;
  /** @returns whether the tool itself failed. */
  callTool(name: string, args: object, onProgress?: OnProgress): Promise<{ isError: boolean }>;
}

/** Where a client connects to, and with what. */
export interface ConnectionParts {
  readonly path: string;
  readonly accessToken: string;
  /** Sees each answer to a request of the client. */
  readonly onResponse?: (response: Response) => void;
}

/** Milliseconds a client waits for an answer. */
const requestLimit = 10_000;

/** Who says so to the server. */
const self = { name: "remote-mcp-server-doctor", version: "1.0.0" };

/** Connects a client of the official SDKs. @throws what the SDK throws. */
export function connectClient(
  examination: Examination,
  way: Way,
  target: ConnectionParts,
): Promise<McpClient> {
  return way === "modern"
    ? connectModern(examination, target)
    : connectLegacy(examination, way, target);
}

async function connectModern(
  examination: Examination,
  target: ConnectionParts,
): Promise<McpClient> {
  const client = new ModernClient(self, { versionNegotiation: { mode: { pin: modernVersion } } });
  const transport = new ModernTransport(toUrl(examination, target), toOptions(examination, target));
  await client.connect(transport, { timeout: requestLimit });
  return {
    listTools: async () => (await client.listTools({}, { timeout: requestLimit })).tools,
    async callTool(name, args, onProgress) {
      const { isError = false } = await client.callTool(
        { name, arguments: { ...args } },
        toRequestOptions(onProgress),
      );
      return { isError };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function connectLegacy(
  examination: Examination,
  way: "legacy" | "sse",
  target: ConnectionParts,
): Promise<McpClient> {
  const client = new LegacyClient(self);
  const url = toUrl(examination, target);
  const options = toOptions(examination, target);
  const transport =
    way === "sse"
      ? new SSEClientTransport(url, options)
      : new StreamableHTTPClientTransport(url, options);
  try {
    await client.connect(transport, { timeout: requestLimit });
  } catch (error) {
    await client.close();
    throw error;
  }
  return {
    listTools: async () => (await client.listTools({}, { timeout: requestLimit })).tools as Tool[],
    async callTool(name, args, onProgress) {
      const { isError } = await client.callTool(
        { name, arguments: { ...args } },
        undefined,
        toRequestOptions(onProgress),
      );
      return { isError: isError === true };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Opens the stream of HTTP+SSE as its client does, and closes it once the server has said where messages go. */
export async function openStream(examination: Examination, target: ConnectionParts): Promise<void> {
  const transport = new SSEClientTransport(
    toUrl(examination, target),
    toOptions(examination, target),
  );
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new Error("no endpoint event came on the stream")),
    requestLimit,
  );
  try {
    await Promise.race([transport.start(), timeout.promise]);
  } finally {
    clearTimeout(timer);
    await transport.close();
  }
}

function toUrl({ origin }: Examination, { path }: ConnectionParts): URL {
  return new URL(path, origin);
}

function toOptions(examination: Examination, { accessToken, onResponse }: ConnectionParts) {
  return {
    requestInit: { headers: { authorization: `Bearer ${accessToken}` } },
    fetch: async (url: string | URL, init?: RequestInit) => {
      const response = await examination.fetch(url, init);
      onResponse?.(response);
      return response;
    },
  };
}

function toRequestOptions(onProgress: OnProgress | undefined) {
  return {
    timeout: requestLimit,
    ...(onProgress !== undefined && {
      onprogress: ({ progress }: { progress: number }) => onProgress(progress),
    }),
  };
}
