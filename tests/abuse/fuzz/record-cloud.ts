import { routes } from "../../../scripts/local-cloud/resources/index.ts";
import type { TestCloud } from "../../support/local-cloud.ts";
import { toParts } from "../../support/local-cloud.ts";
import type { SentRequest } from "./sent.ts";

/** Names that stand in paths of the API, beside the ids of the account and the zone. */
const names: Readonly<Record<string, string>> = { script: "example", secret: "KEY", key: "a-key" };

/** A body that suits many endpoints: each takes the fields that it knows. */
const body = {
  name: "fuzzed",
  title: "fuzzed",
  type: "CNAME",
  content: "example.net",
  hostname: "mcp.example.com",
  service: "example",
  environment: "production",
  zone_id: "",
  pattern: "example.com/*",
  script: "example",
  text: "a value",
  enabled: true,
  subdomain: "local",
  tags: ["a"],
  ttl: 1,
  proxied: true,
  policies: [],
  strategy: "percentage",
  versions: [{ version_id: "00000000-0000-4000-8000-000000000000", percentage: 100 }],
  crons: [{ cron: "0 * * * *" }],
  keys: ["a-key"],
  secrets: { KEY: { name: "KEY", text: "a value" } },
  sql: "SELECT 1",
  domain: "app.example.com",
};

/** A request to every endpoint of the local cloud's API, and to its own. */
export async function recordCloud(cloud: TestCloud): Promise<SentRequest[]> {
  const { account, zone, local } = cloud;
  const { id: namespace } = await cloud.client.kv.namespaces.create({
    ...account,
    title: "fuzzed",
  });
  const headers = { authorization: `Bearer ${local.token}` };
  const json = { ...headers, "content-type": "application/json" };
  const params: Readonly<Record<string, string>> = {
    ...names,
    account: account.account_id,
    zone: zone.zone_id,
    namespace,
  };
  const requests: SentRequest[] = routes.map(({ method, path }) => {
    const filled = path.replace(
      /:(\w+)(?:\{[^}]*\})?/g,
      (_all, name: string) => params[name] ?? "some",
    );
    const name = `${method} ${path}`;
    const sent = { name, method, path: `/client/v4${filled}?page=1&per_page=20` };
    if (method === "GET" || method === "DELETE") return { ...sent, headers };
    return { ...sent, headers: json, body: toBody({ ...body, zone_id: zone.zone_id }) };
  });
  // An upload without its main module: every check but the last is passed, and no Worker is started.
  const upload = await toForm(toParts({ code: "export default {}", metadata: { bindings: [] } }));
  for (const path of ["scripts/example", "scripts/example/content", "scripts/example/versions"]) {
    const isVersion = path.endsWith("versions");
    requests.push({
      name: `upload ${path}`,
      method: isVersion ? "POST" : "PUT",
      path: `/client/v4/accounts/${account.account_id}/workers/${path}`,
      headers: { ...headers, "content-type": upload.type },
      body: upload.body,
    });
  }
  for (const path of ["/", "/_calls", "/_ports", "/_faults", "/client/v4/nothing"]) {
    requests.push({ name: path, method: "GET", path, headers });
  }
  // Without the token: with it, a port would be opened, or a fault made.
  for (const path of ["/_ports", "/_faults"]) {
    requests.push({
      name: path,
      method: "POST",
      path,
      headers: { "content-type": "application/json" },
      body: toBody(body),
    });
  }
  return requests;
}

async function toForm(
  parts: Readonly<Record<string, File>>,
): Promise<{ type: string; body: Buffer }> {
  const form = new FormData();
  for (const [name, part] of Object.entries(parts)) {
    if (name === "metadata") form.set(name, part);
  }
  const request = new Request("http://localhost", { method: "POST", body: form });
  return {
    type: request.headers.get("content-type") ?? "",
    body: Buffer.from(await request.arrayBuffer()),
  };
}

function toBody(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
