import { type Check, failed, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { type Answer, initialize, isPage, look } from "../look.ts";
import { blockedRemedy, findBarrier, readLocation } from "./barriers.ts";
import { toResourceMetadataPath } from "./resource-metadata.ts";

/** User agents of clients as their vendors or their servers' logs write them. */
const userAgents: Readonly<Record<string, string>> = {
  Claude:
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)",
  "Claude Code": "claude-code/2.1.0 (cli)",
  ChatGPT:
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
  "ChatGPT's connectors": "openai-mcp/1.0.0",
  Cursor: "Cursor/2.1.0 (linux x64)",
  "python-httpx": "python-httpx/0.28.1",
  Node: "node",
};

/** Sends a client's first requests: to the endpoints, and for the documents about them. */
function askFirst(examination: Examination): Promise<Answer[]> {
  const { mcp, sse } = examination.endpoints;
  const paths = [mcp, ...(sse === undefined ? [] : [sse])];
  return Promise.all([
    ...paths.map((path) => look(examination, path, initialize())),
    ...paths.map((path) => look(examination, path, { headers: { accept: "text/event-stream" } })),
    ...paths.map((path) => look(examination, toResourceMetadataPath(path))),
    look(examination, "/.well-known/oauth-authorization-server"),
  ]);
}

/** A client meets the server itself. */
export const gate: Check = {
  id: "gate",
  title: "No login page or firewall is in front of the server",
  runbook: "access-in-front",
  needs: ["answers"],
  async run(examination) {
    const [message, ...others] = await askFirst(examination);
    const found = [message, ...others].flatMap((answer) => (answer && findBarrier(answer)) ?? []);
    const [first] = found;
    if (first !== undefined) return failed(first.reason, first.remedy);
    if (message?.status === 200 && isPage(message)) {
      return failed(
        `${message.url} answers a message of a client with an HTML page.`,
        "Look at what is in front of the server, and whether the address is the endpoint's.",
      );
    }
    return ok("The endpoints and their documents answer for themselves.");
  },
};

/** Clients follow no redirect with a token, and compare addresses. */
export const redirects: Check = {
  id: "redirects",
  title: "Nothing redirects where a client asks",
  runbook: "redirects",
  needs: ["gate"],
  async run(examination) {
    for (const answer of await askFirst(examination)) {
      const target = readLocation(answer);
      if (target === undefined) continue;
      return failed(
        `${answer.url} redirects (${answer.status}) to ${target.href}.`,
        "Give clients the address it leads to, or take the redirect away: the token is bound to the address that was typed, and clients send none after a redirect.",
      );
    }
    return ok("No redirect at the endpoints and their documents.");
  },
};

/** Cloudflare's bot protection looks at the user agent, and answers before the Worker. */
export const clientUserAgents: Check = {
  id: "user-agents",
  title: "No client is blocked for its user agent",
  runbook: "blocked-by-cloudflare",
  needs: ["redirects"],
  async run(examination) {
    const { mcp } = examination.endpoints;
    const ask = (headers: Readonly<Record<string, string>>) => {
      return Promise.all([
        look(examination, mcp, initialize(headers)),
        look(examination, toResourceMetadataPath(mcp), { headers }),
      ]);
    };
    const plain = await ask({});
    const answers = await Promise.all(
      Object.entries(userAgents).map(async ([client, agent]) => {
        const others = await ask({ "user-agent": agent });
        const other = others.find(
          (answer, index) => findBarrier(answer) || answer.status !== plain[index]?.status,
        );
        return { client, other };
      }),
    );
    const blocked = answers.filter(({ other }) => other !== undefined);
    if (blocked.length === 0)
      return ok(`The same answer for ${Object.keys(userAgents).join(", ")}.`);
    const [first] = blocked;
    const how =
      first?.other &&
      (findBarrier(first.other)?.reason ?? `${first.other.url} answers ${first.other.status}.`);
    return failed(
      `Treated differently from a plain request: ${blocked.map(({ client }) => client).join(", ")}. ${how}`,
      blockedRemedy,
    );
  },
};

/** How often it is measured. */
const rounds = 5;

/** Milliseconds above which a person notices. */
const slow = 1000;

/** Milliseconds that hosted Claude waits for discovery. */
const tooSlow = 10_000;

/** The middle of some figures. */
function findMedian(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? 0;
}

/** How long a client waits before a sign-in can begin: the endpoint's document, then the server's. */
export const discoveryLatency: Check = {
  id: "latency-discovery",
  title: "Discovery is quick",
  runbook: "slow",
  needs: ["authorization-server-metadata"],
  async run(examination) {
    const { endpoints, learned } = examination;
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now();
      await look(examination, toResourceMetadataPath(endpoints.mcp));
      await look(examination, learned.serverMetadataUrl ?? "/");
      times.push(performance.now() - begun);
    }
    const median = findMedian(times);
    const found = `p50 ${Math.round(median)} ms of ${rounds} times (${Math.round(Math.min(...times))} to ${Math.round(Math.max(...times))} ms).`;
    const remedy = "Check whether this machine is far from the server; then read the server's log.";
    if (median >= tooSlow) return failed(found, remedy);
    return median >= slow ? warning(found, remedy) : ok(found);
  },
};
