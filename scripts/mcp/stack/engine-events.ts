import type { CommandError, EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { Progress } from "../../terminal/progress.ts";
import { toResourceName } from "./declared.ts";
import type { RunOptions } from "./stack.ts";

/** How many resources by operation, without those that stay. Empty: nothing changes. */
export type Changes = Readonly<Record<string, number>>;

/** @param changes what the engine's summary counts. */
export function listChanges(changes: Readonly<Record<string, number>> = {}): Changes {
  // What was read and is read no more is forgotten; nothing changes by either.
  const { same: _same, read: _read, discard: _discard, ...changed } = changes;
  return changed;
}

const doing: Readonly<Record<string, string>> = {
  create: "making",
  update: "changing",
  delete: "deleting",
  replace: "replacing",
  "create-replacement": "replacing",
  "delete-replaced": "deleting the old",
  import: "taking over",
  refresh: "looking at",
};

/** Tries after which a failing call is told in a log as well: one or two are everyday. */
const fewTries = 3;

/**
 * For a run of the engine: shows on a terminal what it works on, whom it waits for, and each call that
 * Cloudflare fails to answer. In a log, which no line is overwritten in, only a run of such calls is told.
 */
export function showEngine(
  progress: Progress,
  log = process.stderr,
): Pick<RunOptions, "onEvent" | "onWait" | "onTrouble"> {
  return {
    onEvent: showEngineProgress(progress),
    onWait: (who) => progress.show(`waiting for ${who}`),
    onTrouble({ attempt, text }) {
      progress.show(text);
      if (!log.isTTY && attempt >= fewTries) log.write(`${text}\n`);
    },
  };
}

/** Shows on a terminal which resource the engine works on. */
export function showEngineProgress(progress: Progress): (event: EngineEvent) => void {
  return ({ resourcePreEvent }) => {
    if (resourcePreEvent === undefined) return;
    const { metadata } = resourcePreEvent;
    const verb = doing[metadata.op];
    if (verb === undefined) return;
    progress.show(`${verb} ${toResourceName(metadata)} (${metadata.type})`);
  };
}

/** The CLI's message, from its own `error:` on; the whole command comes before that. */
export function tellReason({ message }: CommandError): string {
  const [, said = message] = /stderr: ([\s\S]*?)\n\s*err\?: /.exec(message) ?? [];
  // Nothing, if it could not even be started.
  return tellSaid(said) || message;
}

/** The same of what the CLI wrote on its standard error. */
export function tellSaid(said: string): string {
  return said.slice(Math.max(0, said.indexOf("error: "))).trim();
}

/** Collects the errors that the engine reports during a run, each once, without its colours. */
export class ReportedErrors {
  readonly #messages = new Set<string>();

  take({ diagnosticEvent }: EngineEvent): void {
    if (diagnosticEvent?.severity !== "error") return;
    const text = diagnosticEvent.message.replace(/<\{%.*?%\}>/g, "").trim();
    // The engine's closing word on every failed run.
    if (text !== "" && !/^(update|preview|destroy|refresh) failed$/.test(text)) {
      this.#messages.add(text);
    }
  }

  /** Undefined if the engine reported none: the fault is elsewhere. */
  describe(): string | undefined {
    return this.#messages.size === 0 ? undefined : [...this.#messages].join("\n");
  }
}
