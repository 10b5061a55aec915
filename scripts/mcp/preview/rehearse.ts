import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";
import { LocalCloud } from "../../local-cloud/server.ts";
import { readStackFile } from "../../stack-file/read.ts";
import { readProjectName } from "../stack/backend.ts";
import { exitWhenInterrupted } from "../stack/interruption.ts";
import { toSettingsPath } from "../stack/settings-file.ts";
import type { CommentParts } from "./comment.ts";
import { down } from "./down.ts";
import { templateFile } from "./preview-settings.ts";
import { toStackName } from "./pull-request.ts";
import type { Show } from "./show.ts";
import { type UpRequest, up } from "./up.ts";

/** Variables by which something else than the rehearsal's own account and backend would be reached. */
const foreign =
  /^(CLOUDFLARE_|PULUMI_(ACCESS_TOKEN|BACKEND_URL|CONFIG_PASSPHRASE|CONFIG_PASSPHRASE_FILE|STACK)$|AWS_)/;

/**
 * Makes a preview, looks at it with doctor and removes it, all on a Cloudflare account in this process
 * and a backend in a temporary folder. It needs no secrets and leaves nothing behind. Called once in a
 * process: its variables are changed, and stay so.
 * @throws UserError as `up` and `down`, and if the checkout has deployed such a preview.
 */
export async function rehearse(request: UpRequest, show: Show): Promise<CommentParts> {
  const settings = toSettingsPath(toStackName(request.pullRequest));
  if (existsSync(settings)) {
    throw new UserError(
      `--pr: ${settings} is there: this checkout has deployed the preview. Remove it with \`npm run mcp -- preview down --pr ${request.pullRequest}\`, or rehearse another number.`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "remote-mcp-server-"));
  const clean = () => {
    rmSync(settings, { force: true });
    // A process that was just ended may still be writing.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  // An interruption may end this process without the finally below.
  using _ = exitWhenInterrupted();
  process.once("exit", clean);
  try {
    const state = join(folder, "state");
    await mkdir(state);
    const accounts = await readAccounts();
    await using cloud = await LocalCloud.start({
      port: 0,
      directory: join(folder, "cloud"),
      ...(accounts !== undefined && { accounts }),
    });
    for (const name of Object.keys(process.env)) {
      if (foreign.test(name)) delete process.env[name];
    }
    Object.assign(process.env, cloud.environment, {
      PULUMI_BACKEND_URL: pathToFileURL(state).href,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(32).toString("base64url"),
    });
    const parts = await up(request, show);
    await down(request.pullRequest, show);
    return { ...parts, isGone: true };
  } finally {
    clean();
    process.removeListener("exit", clean);
  }
}

/** The account that the previews' settings name, if they do: the local one must be called so. */
async function readAccounts(): Promise<string[] | undefined> {
  const project = await readProjectName();
  const text = await readFile(join(projectRoot, templateFile), "utf8").catch(() => "");
  const id = readStackFile(text, templateFile, project).get(`${project}:accountId`);
  return typeof id === "string" && /^[0-9a-f]{32}$/.test(id) ? [id] : undefined;
}
