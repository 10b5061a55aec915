import type { OutputMap } from "@pulumi/pulumi/automation/index.js";
import { createLiveAccount } from "../../../infra/live-account.ts";
import { UserError } from "../../errors.ts";
import { examineServer } from "../doctor/examine-server.ts";
import type { Report } from "../doctor/report/report.ts";
import { withInterruption } from "../stack/interruption.ts";
import { type Changes, ProjectStack, readProjectName } from "../stack/stack.ts";
import { holdCheckout } from "./checkout-lock.ts";
import type { CommentParts } from "./comment.ts";
import { readDeployment } from "./deployment.ts";
import { permission } from "./down.ts";
import { describeResources, ensureTags, refuseStranger } from "./own-stack.ts";
import { listPreviews } from "./previews.ts";
import { toStackName } from "./pull-request.ts";
import { describeOldest, explainFull, type Plan } from "./room.ts";
import { removeSettings, writeSettings } from "./settings-file.ts";
import type { Show } from "./show.ts";
import { chooseSignIn } from "./sign-in.ts";
import { compare, describeChanges } from "./since-last-push.ts";
import { readPreview, tagNames } from "./tags.ts";
import { giveSecrets } from "./tool-secrets.ts";
import { waitForServer } from "./wait-for-server.ts";

/** What is asked for. */
export interface UpRequest {
  readonly pullRequest: number;
  /** Who answers for it. */
  readonly owner?: string | undefined;
  /** What is deployed: the checkout's commit, as the comment names it. */
  readonly commit?: string | undefined;
  /** Milliseconds it lives without a push. */
  readonly lifetime: number;
  /** The account's plan, where somebody named it. */
  readonly plan?: Plan | undefined;
}

/** Makes a preview, or brings it up to date, and looks at it from outside. */
export function up(request: UpRequest, show: Show): Promise<CommentParts> {
  const name = toStackName(request.pullRequest);
  const onWait = () => show.wait(`another run on ${name} in this checkout`);
  return holdCheckout(name, onWait, () => deploy(name, request, show));
}

async function deploy(name: string, request: UpRequest, show: Show): Promise<CommentParts> {
  const { pullRequest, owner, commit, lifetime } = request;
  await writeSettings(await readProjectName(), name);
  const stack = await ProjectStack.openOrCreate(name);
  await refuseStranger(stack, pullRequest);
  const expires = new Date(Date.now() + lifetime);
  // Before anything is made: `sweep` finds a preview by them, an interrupted one too.
  const early = {
    [tagNames.pullRequest]: String(pullRequest),
    [tagNames.expires]: expires.toISOString(),
    ...(owner !== undefined && { [tagNames.owner]: owner }),
  };
  await ensureTags(stack, early);
  const last = readPreview(name, await stack.tags());
  const before = readDeployment(await stack.outputs());
  await refuseFull(stack, request);
  await giveSecrets(stack);

  show.step(`Deploying ${name}`);
  const changes = await carryOut(stack, pullRequest, show);
  const outputs = await stack.outputs();
  const deployment = readDeployment(outputs);
  if (deployment === undefined) throw new Error(`${name} has not the outputs of this program.`);
  await ensureTags(stack, {
    ...early,
    [tagNames.url]: deployment.url,
    ...(commit !== undefined && { [tagNames.commit]: commit }),
  });

  show.step(`Looking at ${deployment.url}`);
  const report = await examine(stack, deployment.url, outputs, show);
  return {
    pullRequest,
    stack: name,
    deployment,
    commit,
    expires,
    report,
    resources: describeChanges(changes),
    since:
      before &&
      compare({ commit: last?.commit, deployment: before }, { commit, deployment }, changes),
    hasPassword: outputs.demoPassword !== undefined,
  };
}

/** @throws UserError that says what is left, and how it is removed. */
async function carryOut(stack: ProjectStack, pullRequest: number, show: Show): Promise<Changes> {
  try {
    return await stack.up(show.engine);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const left = await describeResources(stack).catch(() => undefined);
    const what =
      left === undefined
        ? "What was made could not be read."
        : left.length === 0
          ? `Nothing is in the account that ${stack.name} knows of.`
          : `${stack.name} has: ${left.join(", ")}.`;
    // Cloudflare's codes for an account that may have no more of something.
    const isFull = /\b(10037|10072|10019)\b/.test(error.message);
    const hint = isFull ? [describeOldest((await listPreviews()).previews)] : [];
    throw new UserError(
      [
        error.message,
        ...hint,
        `${what} Run this again to finish it, or remove it: npm run mcp -- preview down --pr ${pullRequest}`,
      ].join("\n"),
    );
  } finally {
    show.progress.clear();
  }
}

/** @throws UserError where one more preview finds no room; then no trace of it stays. */
async function refuseFull(stack: ProjectStack, { plan }: UpRequest): Promise<void> {
  const resources = await stack.resources();
  if (resources.some(({ type }) => type === "cloudflare:index/workersScript:WorkersScript")) return;
  const account = createLiveAccount(await stack.account(permission));
  const [workers, kvNamespaces] = await Promise.all([
    account.countWorkers(),
    account.countNamespaces(),
  ]);
  if (explainFull({ workers, kvNamespaces }, plan, []) === undefined) return;
  const { previews } = await listPreviews();
  const others = previews.filter((preview) => preview.stack !== stack.name);
  const reason = explainFull({ workers, kvNamespaces }, plan, others);
  if (resources.length === 0) {
    await stack.remove();
    await removeSettings(stack.name);
  }
  throw new UserError(reason ?? "");
}

function examine(
  stack: ProjectStack,
  url: string,
  outputs: OutputMap,
  show: Show,
): Promise<Report> {
  return withInterruption(async (signal) => {
    await waitForServer(url, signal);
    const signIn = await chooseSignIn(stack, outputs);
    const report = await examineServer(
      { url: new URL(url), signIn, stack: stack.name },
      { signal, onBegin: ({ title }) => show.progress.show(title) },
    );
    show.progress.clear();
    if (!signal.aborted) return report;
    throw new UserError(
      `Interrupted while doctor looked at ${url}. The preview is deployed; run the same command again to look at it to the end.`,
    );
  });
}
