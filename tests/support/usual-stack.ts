import { cp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test as base, type TestContext } from "vitest";
import { UserError } from "../../scripts/errors.ts";
import { Deployment, type DeploymentParts } from "./deployment.ts";
import { makeTempFolder, type TempFolder } from "./temp-folder.ts";

/** What was deployed, and how it was right after that. */
interface Kept {
  readonly parts: DeploymentParts;
  /** Copies of the folders in which all of it lies. */
  readonly copies: TempFolder;
  /** What the engine said. */
  readonly output: string;
}

/**
 * A stack with the usual settings, for tests of what comes after its first `up`: that is run once, and each test gets
 * the stack as it was then, as state, settings and cloud lie in folders, which are copied back.
 */
class UsualStack implements AsyncDisposable {
  #kept: Kept | undefined;
  #isTaken = false;

  /**
   * The stack as its first `up` has left it, until its scope ends. Skips the test where there is no engine.
   * @throws Error where another test of this process has it.
   */
  async take(skip: TestContext["skip"]): Promise<Deployment> {
    if (this.#isTaken) throw new Error("Another test has the stack, and has not ended it.");
    await this.#restore();
    this.#kept ??= await deploy(skip);
    this.#isTaken = true;
    const deployment = new Deployment(this.#kept.parts, async () => {
      this.#isTaken = false;
    });
    deployment.output = this.#kept.output;
    return deployment;
  }

  /** Brings it back to how it was; where a port of its cloud was taken meanwhile, another is deployed. */
  async #restore(): Promise<void> {
    if (this.#kept === undefined) return;
    const { parts, copies } = this.#kept;
    try {
      await parts.test.restart(async () => {
        for (const [name, folder] of listFolders(parts)) {
          await rm(folder, { recursive: true });
          await cp(join(copies.path, name), folder, { recursive: true });
        }
      });
    } catch (error) {
      // A cloud that has stopped is of no use to the next test either.
      await this[Symbol.asyncDispose]();
      if (!(error instanceof UserError)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept === undefined) return;
    await Deployment.endParts(kept.parts);
    await kept.copies[Symbol.asyncDispose]();
  }
}

async function deploy(skip: TestContext["skip"]): Promise<Kept> {
  await using made = new AsyncDisposableStack();
  const copies = made.use(await makeTempFolder());
  const parts = await Deployment.makeParts(skip);
  made.defer(() => Deployment.endParts(parts));
  const first = new Deployment(parts, async () => {});
  await using _ = first;
  await first.up();
  // What a cloud writes is complete when it has stopped.
  await parts.test.restart(async () => {
    for (const [name, folder] of listFolders(parts)) {
      await cp(folder, join(copies.path, name), { recursive: true });
    }
  });
  made.move();
  return { parts, copies, output: first.output };
}

/** Every folder in which something of the stack lies. */
function listFolders({ home, stack, test }: DeploymentParts): [name: string, path: string][] {
  return [
    ["state", home.stateFolder],
    // With those of further stacks.
    ["stacks", dirname(stack.workspace.workDir)],
    ["cloud", test.directory],
  ];
}

/** `test` with the usual stack, deployed: `takeUsual`, once at a time. */
export const test = base.extend(
  "takeUsual",
  { scope: "worker" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const usual = new UsualStack();
    onCleanup(() => usual[Symbol.asyncDispose]());
    return (skip: TestContext["skip"]) => usual.take(skip);
  },
);
