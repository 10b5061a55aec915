import type { WorkerSpec } from "../../../scripts/runtime/worker-spec.ts";
import { type StackServer, type StackServerOptions, startStackServer } from "../stack-server.ts";
import { addSimulation, usualConditions } from "./add-simulation.ts";
import type { Conditions } from "./protocol.ts";
import { type Control, controlPath } from "./protocol.ts";

/** What a deployment changes. */
export type Deployment = Pick<StackServerOptions, "settings" | "secrets" | "change">;

/** How a simulated world begins. */
export interface SimulatedStackOptions extends Deployment, Pick<StackServerOptions, "outbound"> {
  readonly conditions?: Partial<Conditions>;
}

/**
 * The Worker of a stack in a world that a test moves: its time, its KV, its objects. Requests may say
 * with `x-simulated-place` where KV is asked, and with `x-simulated-address` where they come from.
 */
export class SimulatedStack implements AsyncDisposable {
  readonly server: StackServer;
  #conditions: Omit<Conditions, "limits">;

  private constructor(server: StackServer, conditions: Omit<Conditions, "limits">) {
    this.server = server;
    this.#conditions = conditions;
  }

  static async start(options: SimulatedStackOptions = {}): Promise<SimulatedStack> {
    const { conditions, ...rest } = options;
    const first = { ...usualConditions, ...conditions };
    const server = await startStackServer({ ...rest, change: surround(rest.change, () => first) });
    return new SimulatedStack(server, first);
  }

  get origin(): string {
    return this.server.origin;
  }

  /** The time there, in milliseconds since the epoch. */
  get now(): number {
    return Date.now() + this.#conditions.ahead;
  }

  /** Lets time pass, with the alarms that are due meanwhile. @param to milliseconds since the epoch. */
  async advanceTo(to: number): Promise<void> {
    const ahead = Math.max(this.#conditions.ahead, to - Date.now());
    await this.#tell({ action: "advance", to });
    this.#conditions = { ...this.#conditions, ahead };
  }

  /** Changes what KV and the limits do. */
  async set(conditions: Partial<Omit<Conditions, "limits" | "ahead">>): Promise<void> {
    this.#conditions = { ...this.#conditions, ...conditions };
    await this.#tell({ action: "set", conditions });
  }

  /** Runs the cron handler. */
  async runCron(): Promise<void> {
    await this.#tell({ action: "cron" });
  }

  /**
   * Takes an object out of memory in the midst of what it does.
   * @param binding of its class.
   * @param pick from 0 to 1: which one of those in memory.
   * @returns which one it was; null where none is in memory.
   */
  async abortObject(binding: string, pick: number): Promise<string | null> {
    const { aborted } = (await this.#tell({ action: "abort", binding, pick })) as {
      aborted: string | null;
    };
    return aborted;
  }

  /** What the simulation has counted since the Worker started. */
  async count() {
    return (await this.#tell({ action: "count" })) as {
      readonly now: number;
      readonly awake: number;
      readonly reads: number;
      readonly writes: number;
    };
  }

  /** Starts the runtime again, or deploys what is changed; everything kept in storage stays. */
  async deploy(deployment: Deployment = {}): Promise<void> {
    const { change, ...rest } = deployment;
    await this.server.deploy({ ...rest, change: surround(change, () => this.#conditions) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  async #tell(control: Control): Promise<unknown> {
    const response = await fetch(`${this.origin}${controlPath}`, {
      method: "POST",
      body: JSON.stringify(control),
    });
    if (!response.ok) throw new Error(`The simulation said ${await response.text()}`);
    return response.json();
  }
}

function surround(
  change: StackServerOptions["change"] = async (spec) => spec,
  read: () => Omit<Conditions, "limits">,
) {
  return async (spec: WorkerSpec, folder: string): Promise<WorkerSpec> =>
    addSimulation(await change(spec, folder), folder, read());
}
