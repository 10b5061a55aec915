import { postMessage, readAnswer, SseStream } from "../../support/mcp-by-hand.ts";
import type { Json, RecordedClient, Speech } from "./recorded-client.ts";

/** A client that is connected. */
export interface Conversation extends AsyncDisposable {
  /** How it was opened, for people. */
  readonly opening: string;
  /** Asks the server. @returns the result. @throws Error where there is none. */
  ask(method: string, params?: Json): Promise<unknown>;
}

/** The first request of a client, before it has a token. */
export function knock(url: string, { speech, headers }: RecordedClient): Promise<Response> {
  if (speech.opening === "HTTP+SSE") return fetch(url, { headers: { ...headers } });
  const { opening } = speech;
  const message = toRequest(speech, opening, openingParams(speech));
  return fetch(url, {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...toHeaders(speech, opening),
      ...headers,
    },
    body: JSON.stringify(message),
  });
}

/** Opens a conversation in the client's own way. */
export function speak(url: string, token: string, client: RecordedClient): Promise<Conversation> {
  return client.speech.opening === "HTTP+SSE"
    ? speakOverStream(url, token, client)
    : speakOverPosts(url, token, client);
}

async function speakOverPosts(
  url: string,
  token: string,
  { speech, headers }: RecordedClient,
): Promise<Conversation> {
  const { opening, version } = speech;
  const post = (message: object, more: Readonly<Record<string, string>>) =>
    postMessage(url, token, message, { ...headers, ...more });
  const params = openingParams(speech);
  const opened = await post(toRequest(speech, opening, params), toHeaders(speech, opening));
  const session = opened.headers.get("mcp-session-id");
  checkVersion(await readAnswer(opened), version);
  const later = session === null ? {} : { "mcp-session-id": session };
  if (opening === "initialize") {
    const told = await post(initialized, { "mcp-protocol-version": version, ...later });
    if (told.status !== 202) throw new Error(`The notification was answered ${told.status}`);
  }
  return {
    opening: `\`${opening}\` ${version}${session === null ? "" : ", a session"}`,
    async ask(method, params = {}) {
      const name = typeof params.name === "string" ? params.name : undefined;
      const more = { ...toHeaders(speech, method, name), ...later };
      return readAnswer(await post(toRequest(speech, method, params), more));
    },
    async [Symbol.asyncDispose]() {
      if (session === null) return;
      const authorization = `Bearer ${token}`;
      await fetch(url, { method: "DELETE", headers: { authorization, ...later } });
    },
  };
}

async function speakOverStream(
  url: string,
  token: string,
  { speech }: RecordedClient,
): Promise<Conversation> {
  const stream = await SseStream.open(url, token);
  const ask = (method: string, params: Json = {}) =>
    stream.ask(token, toRequest(speech, method, params));
  checkVersion(await ask("initialize", openingParams(speech)), speech.version);
  await stream.tell(token, initialized);
  return {
    opening: `HTTP+SSE, \`initialize\` ${speech.version}`,
    ask,
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}

const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };

const clientInfo = { name: "recorded", version: "1.0.0" };

function openingParams(speech: Speech): Json {
  if (speech.opening === "server/discover") return {};
  const capabilities = speech.opening === "initialize" ? (speech.capabilities ?? {}) : {};
  return { protocolVersion: speech.version, capabilities, clientInfo };
}

function toRequest({ opening, version }: Speech, method: string, params: Json): object {
  const isModern = opening === "server/discover";
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": clientInfo,
  };
  return {
    jsonrpc: "2.0",
    id: 1,
    method,
    params: isModern ? { ...params, _meta: envelope } : params,
  };
}

/** A client of the initialize era names its version from the second request on. */
function toHeaders(
  { opening, version }: Speech,
  method: string,
  name?: string,
): Record<string, string> {
  if (method === "initialize") return {};
  return {
    "mcp-protocol-version": version,
    ...(opening === "server/discover" && {
      "mcp-method": method,
      ...(name !== undefined && { "mcp-name": name }),
    }),
  };
}

function checkVersion(result: unknown, version: string): void {
  const { protocolVersion, supportedVersions } = result as {
    protocolVersion?: string;
    supportedVersions?: readonly string[];
  };
  if (protocolVersion === version || supportedVersions?.includes(version)) return;
  throw new Error(`The server does not speak ${version}: ${JSON.stringify(result)}`);
}
