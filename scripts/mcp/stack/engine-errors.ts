import type { CommandError, EngineEvent } from "@pulumi/pulumi/automation/index.js";

/** What the CLI said, from its own `error:` on; before it stands the whole command. */
export function tellReason({ message }: CommandError): string {
  const [, said = message] = /stderr: ([\s\S]*?)\n\s*err\?: /.exec(message) ?? [];
  // Nothing, where it could not even be started.
  return said.slice(Math.max(0, said.indexOf("error: "))).trim() || message;
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

  /** Undefined where the engine reported none: the fault is elsewhere. */
  describe(): string | undefined {
    return this.#messages.size === 0 ? undefined : [...this.#messages].join("\n");
  }
}
