/** `npm run cloud`: a Cloudflare account on this machine. */
import { join } from "node:path";
import { styleText } from "node:util";
import { bundleFolder, mainModule, projectRoot } from "../infra/bundle.ts";
import { localCloudFolder } from "../infra/local-token.ts";
import { UserError } from "./errors.ts";
import { localAccountId, provideLocalToken, toEnvironment } from "./local-cloud/local-token.ts";
import { LocalCloud, type LocalCloudOptions } from "./local-cloud/server.ts";
import { readPlainValues } from "./mcp/adopt/adopted-settings.ts";
import { readSettingsFile } from "./mcp/stack/settings-file.ts";
import { toPlainText } from "./plain-text.ts";
import { flag, readArguments } from "./read-arguments.ts";
import { SourceLines } from "./runtime/source-lines.ts";
import { readProject } from "./stack-file/project.ts";

const help = `Starts a Cloudflare account on this machine: its API and the Workers deployed to it.

  npm run cloud -- [options]

  --port <number>          port of the API on localhost; Workers get those after it (default: CLOUD_PORT, else 8790)
  --serve <script>=<port>  port of one Worker; may be given several times
  --account <id>           id of the account, 32 hex digits; may be given several times
  --seed-zone <domain>     a zone of the account, as example.com; may be given several times
  --plan <free|paid>       plan whose limits hold (default: paid)
  --rate-limit             refuse more than 1,200 calls in five minutes, as Cloudflare does
  --fresh                  forget everything first
  --env                    print what to export, for a shell, and exit:
                           eval "$(npm run -s cloud -- --env)"
  --help                   show this
`;

interface Options extends LocalCloudOptions {
  readonly port: number;
  readonly printsEnvironment: boolean;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(help);
    return;
  }
  if (options.printsEnvironment) {
    const token = await provideLocalToken(localCloudFolder);
    process.stdout.write(formatExports(toEnvironment(options.port, token, options.accounts?.[0])));
    return;
  }
  const begun = performance.now();
  let started: LocalCloud | undefined;
  // A Worker that was deployed from this checkout, as it is.
  const sources = new SourceLines(join(projectRoot, bundleFolder), projectRoot, () =>
    started?.cloud.findCommonCode(mainModule),
  );
  const cloud = await LocalCloud.start({
    ...options,
    onLine: (line) => console.log(toPlainText(sources.translate(line))),
  });
  started = cloud;
  // At SIGINT, SIGTERM and exit miniflare ends workerd with this process, and nothing is lost at any
  // moment. A closed terminal has to be made an exit.
  process.once("SIGHUP", () => process.exit(129));
  console.log(await describeCloud(cloud));
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(styleText("green", `Ready in ${seconds} s: http://127.0.0.1:${cloud.port}/`));
}

/** @throws UserError for an option that does not exist or has a wrong value. */
function readOptions(args: string[]): Options | undefined {
  const values = parseOptions(args);
  if (values.help) return undefined;
  for (const id of values.account) {
    if (/^[0-9a-f]{32}$/.test(id)) continue;
    throw new UserError(
      `--account: "${id}" is not an account id. An id has 32 characters of 0-9 and a-f.`,
    );
  }
  for (const zone of values["seed-zone"]) {
    if (/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(zone)) continue;
    throw new UserError(`--seed-zone: "${zone}" is not a domain. Give one like example.com.`);
  }
  if (values.plan !== "free" && values.plan !== "paid") {
    throw new UserError(`--plan: "${values.plan}" is not a plan. Give free or paid.`);
  }
  return {
    port: readPort("--port", values.port),
    serve: Object.fromEntries(values.serve.map(readServe)),
    accounts: values.account,
    zones: values["seed-zone"],
    plan: values.plan,
    isRateLimited: values["rate-limit"],
    fresh: values.fresh,
    printsEnvironment: values.env,
  };
}

function parseOptions(args: string[]) {
  return readArguments(help, {
    args,
    options: {
      port: { type: "string", default: process.env.CLOUD_PORT || "8790" },
      serve: { type: "string", multiple: true, default: [] },
      account: { type: "string", multiple: true, default: [localAccountId] },
      "seed-zone": { type: "string", multiple: true, default: [] },
      plan: { type: "string", default: "paid" },
      "rate-limit": flag,
      fresh: flag,
      env: flag,
      help: flag,
    },
  }).values;
}

function readServe(text: string): [string, number] {
  const [, script, port] = /^([a-z0-9_-]+)=(\d+)$/.exec(text) ?? [];
  if (script !== undefined && port !== undefined) return [script, readPort("--serve", port)];
  throw new UserError(`--serve: "${text}" must be <script>=<port>, as in acme-dev=8787.`);
}

function readPort(option: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UserError(`${option}: "${text}" is not a port. Give a number from 0 to 65535.`);
}

/** Other credentials of Cloudflare's would be sent as well: they are taken away. */
function formatExports(environment: Readonly<Record<string, string>>): string {
  const others = "unset CLOUDFLARE_API_KEY CLOUDFLARE_EMAIL CLOUDFLARE_API_USER_SERVICE_KEY\n";
  const exports = Object.entries(environment)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join("");
  return exports + others;
}

/** Commands that lead the stack `local` here, if its file leads elsewhere. */
async function tellSettings({ baseUrl, accountId }: LocalCloud): Promise<string[]> {
  const text = await readSettingsFile("local");
  // A checkout of somebody who has no such stack.
  if (text === "") return [];
  const { name: project } = await readProject(projectRoot);
  const config = readPlainValues("local", text, project);
  const wanted = { "cloudflare:baseUrl": baseUrl, [`${project}:accountId`]: accountId };
  return Object.entries(wanted).flatMap(([key, value]) =>
    config[key] === undefined || config[key] === value
      ? []
      : [`  npx pulumi config set -s local ${key} ${value}   # it is ${config[key]}`],
  );
}

async function describeCloud(cloud: LocalCloud): Promise<string> {
  return [
    "",
    styleText("bold", "Local cloud"),
    `API          ${cloud.baseUrl}`,
    `Status page  ${cloud.statusPage}`,
    ...cloud.workers.map(({ script, port }) => `Worker       ${script}: http://localhost:${port}/`),
    "",
    "Deploy this project to it, in another terminal:",
    // Before a login, and in place of one: the person's own may lead elsewhere.
    '  export PULUMI_BACKEND_URL="file://$HOME" PULUMI_CONFIG_PASSPHRASE=local',
    "  npx pulumi stack select --create local",
    ...(await tellSettings(cloud)),
    "  npx pulumi up -s local",
    "",
    "For wrangler and the SDKs:",
    formatExports(cloud.environment).trimEnd(),
    "",
  ].join("\n");
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(styleText("red", error.message));
  process.exit(1);
}
