import { once } from "node:events";
import * as z from "zod";

const message = z.looseObject({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** How a session is opened. */
export interface InspectorOptions {
  /** Takes what the inspector says unasked. Default: nobody does. */
  readonly onEvent?: (method: string, params: unknown) => void;
}

/** Commands of the Chrome DevTools protocol to the inspector of a Worker. */
export class InspectorSession implements Disposable {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #onEvent: InspectorOptions["onEvent"];
  #count = 0;

  private constructor(socket: WebSocket, onEvent: InspectorOptions["onEvent"]) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.addEventListener("message", ({ data }) => this.#take(String(data)));
    socket.addEventListener("close", () => {
      const gone = new Error("The inspector of the Worker does not answer.");
      for (const { reject } of this.#answers.values()) reject(gone);
    });
  }

  /** Connects to where the inspector of one Worker listens. */
  static async connect(url: URL, { onEvent }: InspectorOptions = {}): Promise<InspectorSession> {
    const socket = new WebSocket(url);
    await Promise.race([
      once(socket, "open"),
      once(socket, "error").then(() => {
        throw new Error("The inspector of the Worker cannot be reached.");
      }),
    ]);
    return new InspectorSession(socket, onEvent);
  }

  /** Sends a command. @returns its result. @throws Error with the inspector's words. */
  send(method: string, params: object = {}): Promise<unknown> {
    this.#count += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(this.#count, answer);
    this.#socket.send(JSON.stringify({ id: this.#count, method, params }));
    return answer.promise;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #take(text: string): void {
    const { id, method, params, result, error } = message.parse(JSON.parse(text));
    if (method !== undefined) this.#onEvent?.(method, params);
    if (id === undefined) return;
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(error.message));
  }
}
