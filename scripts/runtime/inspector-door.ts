import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { isLoopback } from "../../infra/loopback.ts";
import { type Listener, listenOnLocalhost } from "./listen.ts";

/** Says where workerd's inspector of the Worker listens now. Rejects while there is none. */
export type FindInspector = () => Promise<URL>;

/** Headers of a debugger that open a WebSocket (RFC 6455 section 4.1), beside those that every such request has. */
const handshake = ["key", "version", "extensions", "protocol"].map(
  (name) => `sec-websocket-${name}` as const,
);

/**
 * Where debuggers attach. workerd's own inspector answers to any host name and tells the names of its Workers, which
 * hold a secret (`WorkerRuntime`): a web page whose own name points here (DNS rebinding) could run code in a Worker.
 * So that one listens at a port that nobody is told, and this one is in front of it. It answers to the names of this
 * machine only, to no web page, and leads to one Worker by an address of its own, which stays the same when the
 * runtime restarts.
 */
export class InspectorDoor implements AsyncDisposable {
  readonly #id = randomUUID();
  readonly #attached = new Set<Duplex>();
  #listener: Listener | undefined;
  #find: FindInspector | undefined;

  private constructor() {}

  /**
   * Takes the port.
   * @param port 0 takes a free one.
   * @param onTaken says what to do if it is in use.
   * @throws UserError if it is in use.
   */
  static async open(port: number, onTaken: (port: number) => string): Promise<InspectorDoor> {
    const door = new InspectorDoor();
    door.#listener = await listenOnLocalhost(
      port,
      (incoming, outgoing) => door.#answer(incoming, outgoing),
      onTaken,
      (incoming, socket, head) => void door.#attach(incoming, socket, head),
    );
    return door;
  }

  /** Port of localhost. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Lets debuggers through, who are sent away until then. */
  lead(find: FindInspector): void {
    this.#find = find;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#attached) socket.destroy();
    await this.#listener?.[Symbol.asyncDispose]();
  }

  /** Tells a debugger what there is to attach to, in the form of Node's inspector. */
  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const refusal = findRefusal(incoming);
    const found = refusal === undefined ? this.#describe(incoming) : undefined;
    if (found === undefined) {
      outgoing.writeHead(refusal === undefined ? 404 : 403, { "content-type": "text/plain" });
      outgoing.end(`${refusal ?? "Debuggers ask for /json."}\n`);
      return;
    }
    outgoing.writeHead(200, { "content-type": "application/json; charset=UTF-8" });
    outgoing.end(JSON.stringify(found));
  }

  #describe({ url, headers: { host = "" } }: IncomingMessage): object | undefined {
    if (url === "/json/version") return { Browser: "workerd", "Protocol-Version": "1.3" };
    if (url !== "/json" && url !== "/json/list") return undefined;
    // The port may be another where the debugger is, as in a container. VS Code names none.
    const { hostname, port } = new URL(`http://${host}`);
    const address = `${hostname}:${port || this.port}/${this.#id}`;
    const frontend = `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${address}`;
    return [
      {
        id: this.#id,
        type: "node",
        title: "Worker",
        description: "workerd",
        url: "file://",
        faviconUrl: "https://workers.cloudflare.com/favicon.ico",
        webSocketDebuggerUrl: `ws://${address}`,
        devtoolsFrontendUrl: frontend,
        devtoolsFrontendUrlCompat: frontend,
      },
    ];
  }

  /** Connects a debugger with the inspector, for as long as both stay. */
  async #attach(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // One that leaves has nobody left to tell.
    socket.on("error", () => undefined);
    const refusal = findRefusal(incoming);
    if (refusal !== undefined) return refuse(socket, "403 Forbidden", refusal);
    if (incoming.url !== `/${this.#id}`) {
      return refuse(socket, "404 Not Found", "Ask /json for the address of the Worker.");
    }
    const inspector = await this.#find?.().catch(() => undefined);
    if (socket.destroyed) return;
    if (inspector === undefined) {
      return refuse(socket, "503 Service Unavailable", "The Worker does not run.");
    }
    const target = connect(Number(inspector.port), inspector.hostname);
    this.#attached.add(socket);
    socket.on("close", () => {
      this.#attached.delete(socket);
      target.destroy();
    });
    target.on("error", () => undefined);
    target.on("close", () => socket.destroy());
    target.write(toHandshake(incoming, inspector));
    target.write(head);
    socket.pipe(target).pipe(socket);
  }
}

/** Why a request is refused. Undefined if it may come from a debugger on this machine. */
function findRefusal({ headers: { host, origin } }: IncomingMessage): string | undefined {
  if (!isLoopback(`http://${host}`)) return "The inspector answers at localhost only.";
  // Editors send none, and Chrome's own debugger is not a web page.
  if (origin === undefined || origin.startsWith("devtools://")) return undefined;
  return "No web page may attach to the inspector.";
}

function refuse(socket: Duplex, status: string, text: string): void {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\nconnection: close\r\n`;
  socket.end(`${head}content-length: ${text.length + 1}\r\n\r\n${text}\n`);
}

/** The request of a debugger, as the inspector gets it. */
function toHandshake({ headers }: IncomingMessage, inspector: URL): string {
  const lines = handshake.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [`${name}: ${value}`];
  });
  return [
    `GET ${inspector.pathname} HTTP/1.1`,
    `host: ${inspector.host}`,
    "connection: Upgrade",
    "upgrade: websocket",
    ...lines,
    "\r\n",
  ].join("\r\n");
}
