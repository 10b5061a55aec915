import { UserError } from "../../errors.ts";
import type { Progress } from "../../terminal/progress.ts";
import type { SignIn } from "../doctor/examination.ts";
import type { Report } from "../doctor/report.ts";
import { showEngine } from "../stack/engine-events.ts";
import { addressSettling, versionSettling } from "../stack/settling.ts";
import type { ProjectStack, RunOptions } from "../stack/stack.ts";
import { formatDeployPlan } from "./deploy-plan.ts";
import {
  type DeployReport,
  tellNext,
  tellState,
  tellUnjudged,
  tellWayBack,
} from "./deploy-report.ts";
import { chooseGateSignIn, type ExamineParts, examineDeployed, isPassed } from "./gate.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { confirmDeployment, findRefusal } from "./refusals.ts";
import { findDeployed, findServingVersion } from "./served-version.ts";
import { forgetPending, type WayBack, walkBack, writePending } from "./way-back.ts";

/** Seconds that Cloudflare gets before doctor looks, and before it looks once more. */
const settling = {
  /** Nothing old can answer, and the address may be new. */
  first: { before: 0, again: addressSettling },
  version: { before: versionSettling, again: versionSettling },
  nothing: { before: 0, again: 0 },
} as const;

export interface DeployOptions {
  /** Only shows the plan. */
  readonly plan?: true;
  /** Asks nobody. */
  readonly yes?: true;
  /** Whether a deployment without a way back is refused. */
  readonly wayBack: boolean;
}

export interface DeployParts {
  readonly stack: ProjectStack;
  readonly options: DeployOptions;
  /** A sign-in for doctor that was given. */
  readonly given: SignIn | undefined;
  readonly progress: Progress;
  /** Prints a text, as it is. */
  readonly write: (text: string) => void;
  /** Told each time more is known of the result. */
  readonly onReport: (report: DeployReport) => void;
}

class Deployment {
  readonly #parts: DeployParts;
  readonly #engine: Pick<RunOptions, "onEvent" | "onWait" | "onTrouble">;
  readonly #doctor: Report[] = [];
  #prepared: Prepared | undefined;
  /** Whether the stack remembers a way back. */
  #isPending = false;

  constructor(parts: DeployParts) {
    this.#parts = parts;
    this.#engine = showEngine(parts.progress);
  }

  async run(): Promise<0 | 1> {
    const { stack, options, given, progress, write } = this.#parts;
    const onStep = (what: string) => progress.show(what);
    const ready = await prepare({ stack, given, options: this.#engine, onStep });
    this.#prepared = ready;
    this.#isPending = ready.hasPending;
    progress.clear();
    write(formatDeployPlan(ready.plan));
    this.#tell("Only the plan was made.");
    const refusal = findRefusal(stack.name, ready, options);
    if (refusal !== undefined) this.#fail(refusal);
    if (options.plan) return 0;
    const { isEmpty } = ready.plan;
    let replaced: string | undefined;
    if (isEmpty) write("Nothing to change. Doctor looks at what serves.\n\n");
    else replaced = await this.#up(ready);
    const deployed = await this.#orFail(
      () => findDeployed(ready, replaced),
      async (reason) => tellUnjudged(reason, isEmpty, ready.wayBack !== undefined),
    );
    const report = await this.#examine(ready.signIn, this.#settle(ready));
    if (isPassed(report)) {
      await this.#forget();
      return this.#end(
        0,
        isEmpty
          ? "Nothing was to change, and doctor found no failure."
          : "Deployed, and doctor found no failure.",
      );
    }
    if (ready.wayBack === undefined) return this.#end(1, tellNext(ready));
    return this.#goBack(ready, ready.wayBack, deployed);
  }

  /** @returns the version that served until then. */
  async #up(ready: Prepared): Promise<string | undefined> {
    const { stack, options, progress, write } = this.#parts;
    const { worker, wayBack } = ready;
    await confirmDeployment(ready, options.yes === true);
    const before = await findServingVersion(worker);
    if (wayBack !== undefined && !ready.hasPending && before !== wayBack.version.id) {
      this.#fail(
        `What serves is not what served when the plan was made (${wayBack.version.id} then, ${before ?? "nothing"} now): somebody else deploys as well. Nothing was changed. Run this command again.`,
      );
    }
    if (wayBack === undefined) await this.#forget();
    else {
      this.#isPending = true;
      await writePending(stack, { version: wayBack.version.id, began: wayBack.update.began });
    }
    await this.#orFail(
      () => stack.up({ ...this.#engine, refresh: ready.hasPending }),
      async (reason) => {
        const after = await findServingVersion(worker).catch(() => "unknown");
        return `${reason}\n${tellState(before, after, wayBack !== undefined)}`;
      },
    );
    progress.clear();
    write("Deployed. Doctor looks at it.\n\n");
    return before;
  }

  async #goBack(ready: Prepared, wayBack: WayBack, deployed: string | undefined): Promise<1> {
    const { stack, given, progress, write } = this.#parts;
    const serving = await this.#orFail(
      () => findServingVersion(ready.worker),
      async (reason) =>
        `Doctor failed, and Cloudflare did not say whether this run's version still serves, so nothing was restored: ${reason} It knows what to go back to.`,
    );
    if (serving !== deployed) {
      this.#fail(
        "Doctor failed, and meanwhile somebody else has deployed: what serves now is not this run's, so nothing was restored. Look at it with `npm run mcp -- doctor`.",
      );
    }
    write("\nDoctor failed: the previous code and settings are restored.\n\n");
    await this.#orFail(
      () => walkBack({ stack, wayBack, now: ready.now, options: this.#engine }),
      async (reason) =>
        `Doctor failed, and what served before could not be restored: ${reason}\nThe new version may still serve. Run this command again: it knows what to go back to.`,
    );
    progress.clear();
    const signIn = chooseGateSignIn(given, wayBack.update.settings);
    const report = await this.#examine(signIn, settling.version);
    await this.#forget();
    return this.#end(1, tellWayBack(wayBack.version, isPassed(report)));
  }

  async #examine(signIn: SignIn, settling: ExamineParts["settling"]): Promise<Report> {
    const report = await examineDeployed({ ...this.#parts, signIn, settling });
    this.#doctor.push(report);
    this.#tell("Deployed.");
    return report;
  }

  async #forget(): Promise<void> {
    if (!this.#isPending) return;
    await forgetPending(this.#parts.stack);
    this.#isPending = false;
  }

  #settle({ plan: { isEmpty }, isFirst, hasPending }: Prepared): ExamineParts["settling"] {
    if (isFirst) return settling.first;
    // A run that was killed a moment ago may have uploaded what doctor is to look at.
    return isEmpty && !hasPending ? settling.nothing : settling.version;
  }

  /** @throws UserError with what is told of a failure that a person can mend. */
  async #orFail<Result>(
    act: () => Promise<Result>,
    explain: (reason: string) => Promise<string>,
  ): Promise<Result> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return this.#fail(await explain(error.message));
    }
  }

  #fail(problem: string): never {
    this.#tell(problem);
    throw new UserError(problem);
  }

  #end<Code extends 0 | 1>(code: Code, outcome: string): Code {
    this.#tell(outcome);
    this.#parts.write(`\n${outcome}\n`);
    return code;
  }

  #tell(outcome: string): void {
    if (this.#prepared === undefined) return;
    const { plan } = this.#prepared;
    this.#parts.onReport({ plan, outcome, doctor: [...this.#doctor] });
  }
}

/**
 * Deploys a stack, looks at it with doctor, and goes back if doctor fails.
 * @returns the exit code. @throws UserError if it is not deployed, or not completely.
 */
export function deploy(parts: DeployParts): Promise<0 | 1> {
  return new Deployment(parts).run();
}
