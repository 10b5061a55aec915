import { SourceMap, type SourceMapPayload } from "node:module";
import * as z from "zod";
import { InspectorSession } from "./inspector-session.ts";

/** A place in a script, counted from 0, as the protocol counts. */
export interface ScriptPlace {
  readonly lineNumber: number;
  readonly columnNumber: number;
}

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
  readonly #session: InspectorSession;
  readonly #scripts: z.infer<typeof parsedScript>[];
  #pause = Promise.withResolvers<z.infer<typeof pause>>();

  private constructor(session: InspectorSession, scripts: z.infer<typeof parsedScript>[]) {
    this.#session = session;
    this.#scripts = scripts;
  }

  /** Attaches to the first Worker of an inspector on this machine, and waits for its scripts. */
  static async attach(port: number): Promise<Debugger> {
    const [first] = targets.parse(await (await fetch(`http://127.0.0.1:${port}/json`)).json());
    if (first === undefined) throw new Error("The inspector has no Worker.");
    const scripts: z.infer<typeof parsedScript>[] = [];
    const session = await InspectorSession.connect(new URL(first.webSocketDebuggerUrl), {
      onEvent(method, params) {
        if (method === "Debugger.scriptParsed") scripts.push(parsedScript.parse(params));
        if (method === "Debugger.paused") attached.#pause.resolve(pause.parse(params));
      },
    });
    const attached = new Debugger(session, scripts);
    await session.send("Runtime.enable");
    // It tells every script before it answers.
    await session.send("Debugger.enable");
    return attached;
  }

  /** The script whose address ends so. */
  findScript(end: string): z.infer<typeof parsedScript> {
    const found = this.#scripts.find(({ url }) => url.endsWith(end));
    if (found === undefined) throw new Error(`No script is called ${end}.`);
    return found;
  }

  async setBreakpoint(url: string, place: ScriptPlace): Promise<void> {
    await this.#session.send("Debugger.setBreakpointByUrl", { url, ...place });
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
    const answer = await this.#session.send("Debugger.evaluateOnCallFrame", {
      callFrameId,
      expression,
    });
    return evaluation.parse(answer).result.value;
  }

  async resume(): Promise<void> {
    this.#pause = Promise.withResolvers();
    await this.#session.send("Debugger.resume");
  }

  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]();
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
