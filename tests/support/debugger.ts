import { once } from "node:events";
import { SourceMap, type SourceMapPayload } from "node:module";
import * as z from "zod";

/** A place in a script, counted from 0, as the protocol counts. */
export interface ScriptPlace {
  readonly lineNumber: number;
  readonly columnNumber: number;
}

const message = z.looseObject({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const targets = z.array(z.object({ webSocketDebuggerUrl: z.string() }));
const parsedScript = z.object({ url: z.string(), sourceMapURL: z.string() });
const pause = z.object({
  callFrames: z.array(
    z.object({
      callFrameId: z.string(),
      location: z.object({ lineNumber: z.number(), columnNumber: z.number() }),
    }),
  ),
});
const evaluation = z.object({ result: z.object({ value: z.unknown() }) });

/** Speaks the Chrome DevTools protocol with a running Worker, as an editor's debugger does. */
export class Debugger implements Disposable {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #scripts: z.infer<typeof parsedScript>[] = [];
  #pause = Promise.withResolvers<z.infer<typeof pause>>();
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(String(data)));
  }

  /** Attaches to the first Worker of an inspector on this machine, and waits for its scripts. */
  static async attach(port: number): Promise<Debugger> {
    const [first] = targets.parse(await (await fetch(`http://127.0.0.1:${port}/json`)).json());
    if (first === undefined) throw new Error("The inspector has no Worker.");
    const headers = { origin: "http://localhost" };
    const socket = new WebSocket(first.webSocketDebuggerUrl, { headers });
    await once(socket, "open");
    const attached = new Debugger(socket);
    await attached.#send("Runtime.enable");
    // It tells every script before it answers.
    await attached.#send("Debugger.enable");
    return attached;
  }

  /** The script whose address ends so. */
  findScript(end: string): z.infer<typeof parsedScript> {
    const found = this.#scripts.find(({ url }) => url.endsWith(end));
    if (found === undefined) throw new Error(`No script is called ${end}.`);
    return found;
  }

  async setBreakpoint(url: string, place: ScriptPlace): Promise<void> {
    await this.#send("Debugger.setBreakpointByUrl", { url, ...place });
  }

  /** Waits until the Worker stands still. @returns where. */
  async waitForPause(): Promise<ScriptPlace> {
    const { callFrames } = await this.#pause.promise;
    const [top] = callFrames;
    if (top === undefined) throw new Error("The pause has no frame.");
    return top.location;
  }

  /** The value of an expression where the Worker stands. */
  async evaluate(expression: string): Promise<unknown> {
    const { callFrames } = await this.#pause.promise;
    const callFrameId = callFrames[0]?.callFrameId;
    const answer = await this.#send("Debugger.evaluateOnCallFrame", { callFrameId, expression });
    return evaluation.parse(answer).result.value;
  }

  async resume(): Promise<void> {
    this.#pause = Promise.withResolvers();
    await this.#send("Debugger.resume");
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #send(method: string, params: object = {}): Promise<unknown> {
    this.#count += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(this.#count, answer);
    this.#socket.send(JSON.stringify({ id: this.#count, method, params }));
    return answer.promise;
  }

  #take(text: string): void {
    const { id, method, params, result, error } = message.parse(JSON.parse(text));
    if (method === "Debugger.scriptParsed") this.#scripts.push(parsedScript.parse(params));
    if (method === "Debugger.paused") this.#pause.resolve(pause.parse(params));
    if (id === undefined) return;
    const answer = this.#answers.get(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(error.message));
  }
}

/**
 * The place in a script that a line of a source became: what an editor sets for a breakpoint.
 * @param line counted from 0.
 */
export function findGenerated(
  payload: SourceMapPayload,
  script: string,
  { source, line }: { readonly source: string; readonly line: number },
): ScriptPlace {
  const map = new SourceMap(payload);
  for (const [lineNumber, text] of script.split("\n").entries()) {
    const columnNumber = text.search(/\S/);
    if (columnNumber < 0) continue;
    const entry = map.findEntry(lineNumber, columnNumber);
    if (!("originalSource" in entry) || entry.originalLine !== line) continue;
    if (entry.originalSource === source) return { lineNumber, columnNumber };
  }
  throw new Error(`Line ${line + 1} of ${source} is not in the script.`);
}
