import { createLiveAccount } from "../../../infra/live-account.ts";
import { UserError } from "../../errors.ts";
import type { SignIn } from "../doctor/examination.ts";
import { examineServer } from "../doctor/examine-server.ts";
import type { Report } from "../doctor/report.ts";
import { readProjectName } from "../stack/backend.ts";
import { readDeclared } from "../stack/declared.ts";
import { withInterruption } from "../stack/interruption.ts";
import { ProjectStack, type RunOptions } from "../stack/stack.ts";
import type { StackAccount } from "../stack/stack-account.ts";
import type { StateResource } from "../stack/state.ts";
import { holdCheckout } from "./checkout-lock.ts";
import { type CommentParts, compareWithLastPush, describeLastPush } from "./comment.ts";
import {
  choosePreviewSignIn,
  type DeployedPreview,
  findDeployment,
  readDeployment,
  waitForServer,
} from "./deployment.ts";
import { previewPermission } from "./down.ts";
import { describeResources, ensureTags, hasWorker, refuseStranger } from "./own-stack.ts";
import { giveSecrets, removePreviewSettings, writePreviewSettings } from "./preview-settings.ts";
import { findStack, listPreviews } from "./previews.ts";
import { findOwnRepository, toStackName } from "./pull-request.ts";
import { type AccountPlan, describeOldest, explainFull, hasRoom } from "./room.ts";
import type { Show } from "./show.ts";
import { type Preview, readPreview, tagNames } from "./tags.ts";

export interface UpRequest {
  readonly pullRequest: number;
  /** Who answers for it. */
  readonly owner?: string | undefined;
  /** The checkout's commit, for the comment. */
  readonly commit?: string | undefined;
  /** Milliseconds it lives without a push. */
  readonly lifetime: number;
  /** The account's plan, if somebody named it. */
  readonly plan?: AccountPlan | undefined;
}

/** Makes a preview, or brings it up to date, and looks at it from outside. */
export function up(request: UpRequest, show: Show): Promise<CommentParts> {
  const name = toStackName(request.pullRequest);
  const onWait = () => show.wait(`another run on ${name} in this checkout`);
  return holdCheckout(name, onWait, () => deploy(name, request, show));
}

async function deploy(shortName: string, request: UpRequest, show: Show): Promise<CommentParts> {
  const { pullRequest, owner, commit, lifetime } = request;
  await writePreviewSettings(await readProjectName(), shortName);
  const found = await findStack(pullRequest);
  const name = found ?? shortName;
  const stack = await (found === undefined
    ? ProjectStack.create(name)
    : ProjectStack.openOrCreate(name));
  // Opened: the previous settings are among the bindings, which the engine keeps as one secret.
  const [tags, resources] = stack.isNew
    ? [{}, []]
    : await Promise.all([stack.tags(), stack.resources(true)]);
  const own = findOwnRepository();
  refuseStranger(name, pullRequest, { tags, resources, own });
  const expires = new Date(Date.now() + lifetime);
  // Before anything is made: `sweep` finds a preview by them, an interrupted one too.
  const early = {
    [tagNames.pullRequest]: String(pullRequest),
    [tagNames.expires]: expires.toISOString(),
    ...(owner !== undefined && { [tagNames.owner]: owner }),
    ...(own !== undefined && { [tagNames.repository]: own }),
  };
  const tagged = await ensureTags(stack, early, tags);
  const account = await stack.account(previewPermission);
  await refuseFull({ stack, resources, account }, request);
  await giveSecrets(stack);

  show.step(`Deploying ${name}`);
  const { changes, outputs, settings } = await carryOut(stack, pullRequest, show);
  const deployment = readDeployment(outputs);
  const late = {
    ...early,
    [tagNames.url]: deployment.url,
    ...(commit !== undefined && { [tagNames.commit]: commit }),
  };
  await ensureTags(stack, late, tagged);

  show.step(`Looking at ${deployment.url}`);
  const signIn = await choosePreviewSignIn(stack, outputs);
  const before = findDeployment(resources);
  const replaces = before !== undefined && Object.keys(changes).length > 0;
  const report = await examine({ name, account, deployment, signIn, replaces }, show);
  const last = {
    commit: readPreview(name, tags)?.commit,
    settings: readDeclared(resources).worker?.bindings?.find(isSettings)?.json,
  };
  return {
    pullRequest,
    stack: name,
    deployment,
    commit,
    expires,
    report,
    resources: describeLastPush(changes),
    since:
      before &&
      compareWithLastPush(
        { ...last, deployment: before },
        { commit, deployment, settings },
        changes,
      ),
    hasPassword: outputs.demoPassword !== undefined,
  };
}

/** Whether a binding holds the settings that the Worker reads. */
function isSettings({ name }: { readonly name: string }): boolean {
  return name === "SETTINGS";
}

/** @throws UserError that says what is left, and how it is removed. */
async function carryOut(stack: ProjectStack, pullRequest: number, show: Show) {
  let settings: unknown;
  const parts: RunOptions["parts"] = {
    onDeclared({ bindings }) {
      settings = bindings.find(isSettings)?.json;
    },
  };
  try {
    return { ...(await stack.deploy({ ...show.engine, parts })), settings };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const left = await stack.resources().then(describeResources, () => undefined);
    const what =
      left === undefined
        ? "What was made could not be read."
        : left.length === 0
          ? `Nothing is in the account that ${stack.name} knows of.`
          : `${stack.name} has: ${left.join(", ")}.`;
    // Cloudflare's codes for an account that may have no more of something.
    const isFull = /\b(10037|10072|10019)\b/.test(error.message);
    const hint = isFull ? [describeOldest(await listOthers(stack.name))] : [];
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

/** @throws UserError if one more preview finds no room; then no trace of it stays. */
async function refuseFull(
  { stack, resources, account }: NewPreview,
  { plan }: UpRequest,
): Promise<void> {
  if (hasWorker(resources)) return;
  const live = createLiveAccount(account);
  const counts = {
    workers: await live.countWorkers(),
    kvNamespaces: await live.countNamespaces(),
  };
  if (hasRoom(counts, plan)) return;
  const others = await listOthers(stack.name);
  if (resources.length === 0) {
    await stack.remove();
    await removePreviewSettings(stack.shortName);
  }
  throw new UserError(explainFull(counts, plan, others));
}

async function listOthers(name: string): Promise<Preview[]> {
  return (await listPreviews()).previews.filter(({ stack }) => stack !== name);
}

interface NewPreview {
  readonly stack: ProjectStack;
  readonly resources: readonly StateResource[];
  readonly account: StackAccount;
}

interface Deployed {
  readonly name: string;
  readonly account: StackAccount;
  readonly deployment: DeployedPreview;
  readonly signIn: SignIn;
  /** Whether a version that served before may still answer. */
  readonly replaces: boolean;
}

function examine(
  { name, account, deployment, signIn, replaces }: Deployed,
  show: Show,
): Promise<Report> {
  const { url, kvNamespaceId: namespaceId } = deployment;
  const origin = url.replace(/\/$/, "");
  return withInterruption(async (signal) => {
    await waitForServer(url, signal, replaces);
    const report = await examineServer(
      {
        url: new URL(url),
        signIn,
        // With what is known of the stack, which the CLI would take seconds to tell again.
        stack: {
          ...account,
          name,
          origin,
          namespaceId,
          preRegistered: [],
          machines: [],
          companyClients: [],
        },
      },
      { signal, onBegin: ({ title }) => show.progress.show(title) },
    );
    show.progress.clear();
    if (!signal.aborted) return report;
    throw new UserError(
      `Interrupted while doctor looked at ${url}. The preview is deployed; run the same command again to finish the examination.`,
    );
  });
}
