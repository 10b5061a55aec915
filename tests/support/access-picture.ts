import type { Browser } from "playwright-core";
import type { AccountKv } from "../../scripts/mcp/admin/account-kv.ts";
import type { DeployedStack } from "../../scripts/mcp/admin/deployed-stack.ts";
import { findGrants } from "../../scripts/mcp/admin/find-grants.ts";
import { tellGrants } from "../../scripts/mcp/admin/grants.ts";
import { findMachines, tellMachines } from "../../scripts/mcp/admin/machines.ts";
import { loadCreateServer, toServerSettings } from "../../scripts/mcp/admin/open-server.ts";
import { PlannedKv } from "../../scripts/mcp/admin/planned-kv.ts";
import type { WorkerEnv } from "../../worker/env.ts";
import { readKeys } from "./backstage.ts";
import { companyTour, everyWayIn } from "./tours/company-tour.ts";
import { takeTour } from "./tours/tour.ts";

/** Width of the connections page, and of the picture, in pixels. */
const width = { page: 620, picture: 1180 };

/**
 * Takes one picture of who has access to a server: the connections page of a person, and below it what an
 * operator sees at a terminal.
 * @param path of the PNG.
 */
export async function takeAccessPicture(browser: Browser, path: string): Promise<void> {
  await using guide = await companyTour.start();
  await using context = await browser.newContext({
    viewport: { width: width.page, height: 700 },
    colorScheme: "light",
  });
  const page = await context.newPage();
  let [connections, paper] = ["", ""];
  await takeTour(page, guide, async () => {
    const shot = await page.screenshot({ fullPage: true });
    connections = `data:image/png;base64,${shot.toString("base64")}`;
    paper = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
  });
  const printed = await printAccess(guide.origin);
  const both = await context.newPage();
  await both.setViewportSize({ width: width.picture, height: 700 });
  await both.setContent(compose(connections, paper, printed));
  await both.screenshot({ path, fullPage: true });
}

/** What `admin grants` and `admin machines` print of the stack, by what its Worker has in KV. */
async function printAccess(origin: string): Promise<string> {
  const account = createAccountKv(await readKeys(origin));
  const stack = {
    name: "prod",
    origin,
    preRegistered: everyWayIn.preRegisteredClients,
    machines: everyWayIn.machineClients.map((client) => ({ resource: "mcp", ...client })),
  } as unknown as DeployedStack;
  const kv = new PlannedKv(account);
  const createServer = await loadCreateServer();
  const env = { OAUTH_KV: kv } as unknown as WorkerEnv;
  const oauth = createServer(toServerSettings(stack)).getOAuthApi(env);
  const grants = await findGrants({ oauth, kv });
  const machines = await findMachines({ stack, account });
  return [
    "$ npm run mcp -- admin --stack prod grants",
    tellGrants(stack.name, grants),
    "$ npm run mcp -- admin --stack prod machines",
    tellMachines(stack.name, machines),
  ].join("\n\n");
}

/** The Worker's KV as `admin` reads it. */
function createAccountKv(keys: Awaited<ReturnType<typeof readKeys>>): AccountKv {
  const values = new Map(keys.map(({ name, value }) => [name, value]));
  const refuse = () => Promise.reject(new Error("A picture changes nothing."));
  return {
    listKeys: async (prefix) => keys.filter(({ name }) => name.startsWith(prefix)),
    readValues: async (names) =>
      new Map(
        names.flatMap((name) => {
          const value = values.get(name);
          return value === undefined ? [] : [[name, value] as const];
        }),
      ),
    writeKeys: refuse,
    deleteKeys: refuse,
  };
}

function compose(connections: string, paper: string, printed: string): string {
  const text = printed.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<!doctype html><style>
    body { margin: 0; background: ${paper} }
    img { display: block; margin: 0 auto; width: ${width.page}px }
    pre { margin: 0; padding: 20px 24px; background: #16181d; color: #e6e6e6; font: 11px/1.5 "DejaVu Sans Mono", monospace }
  </style><img src="${connections}" alt=""><pre>${text}</pre>`;
}
