import { describe, expect, test } from "vitest";
import type { DomainHolder } from "../../infra/account.ts";
import { createEmptyAccount } from "../../infra/account.ts";
import { accessTag, StackModel } from "../../tests/support/stack-model.ts";
import type { DeclaredResource } from "./declared-resource.ts";
import { formatResourceTree } from "./resource-tree.ts";

const slow = { timeout: 900_000 };

const production = {
  environment: "production",
  customDomain: "mcp.example.com",
  zone: "example.com",
  routes: '["mcp.example.com/api/*"]',
  workersDev: "false",
  identityMethod: "oidc",
  oidcIssuer: "https://accounts.example.com",
  oidcClientId: "client",
  allowedDomains: '["example.com"]',
};
const preview = { values: { environment: "preview" } };
const secrets = { oidcClientSecret: "canary-of-production" };

function find(resources: readonly DeclaredResource[], name: string): DeclaredResource | undefined {
  return resources.find((resource) => resource.name === name);
}

/** One line a resource, one column a stack. */
function formatSideBySide(stacks: Record<string, { resources: readonly DeclaredResource[] }>) {
  const lines = (resources: readonly DeclaredResource[]) =>
    new Map(
      formatResourceTree(resources)
        .split("\n")
        .map((line) => line.replace(/^[├└─ ]+/, ""))
        .map((line) => [line.split("  ")[0] ?? "", line.split("  ").slice(1).join(" ") || "yes"]),
    );
  const columns = Object.entries(stacks).map(
    ([kind, { resources }]) => [kind, lines(resources)] as const,
  );
  const names = [...new Set(columns.flatMap(([, column]) => [...column.keys()]))];
  const short = (text: string) => text.replace(/ \(.*,.*\)/, "").padEnd(42);
  const rows = names.map((name) =>
    [name.padEnd(42), ...columns.map(([, column]) => short(column.get(name) ?? "-"))].join(" "),
  );
  const head = ["".padEnd(42), ...columns.map(([kind]) => kind.padEnd(42))].join(" ");
  return [head, ...rows].join("\n");
}

test("a development, a preview and a production stack, side by side", slow, async () => {
  const development = await new StackModel("dev").up();
  const short = await new StackModel("pr-7").up(preview);
  const live = await new StackModel("prod").up({
    values: production,
    secrets,
  });
  console.log(formatSideBySide({ development, preview: short, production: live }));

  const names = ({ resources }: typeof live) =>
    resources.filter(({ parent }) => parent.endsWith("::server")).map(({ name }) => name);
  const common = names(short).filter((name) => name !== "demo-password");
  expect(common).not.toEqual(names(short));
  expect(names(development).sort()).toEqual([...common, "purge"].sort());
  expect(names(live).sort()).toEqual(
    [...common, "purge", "domain", "route mcp.example.com/api/*"].sort(),
  );
});

test(
  "production keeps what cannot be made again; development and previews clean up after themselves",
  slow,
  async () => {
    const kept = ["oauth", "subject-key"];
    const live = await new StackModel("prod").up({
      values: production,
      secrets,
    });
    const short = await new StackModel("pr-7").up(preview);
    const asked = await new StackModel("dev").up({ values: { kvProtection: "true" } });
    const protectedNames = ({ resources }: typeof live) =>
      resources
        .filter(({ options }) => options.protect && options.retainOnDelete)
        .map(({ name }) => name)
        .sort();
    expect(protectedNames(live)).toEqual(kept);
    expect(protectedNames(asked)).toEqual(kept);
    expect(protectedNames(short)).toEqual([]);
  },
);

test(
  "a preview makes the password of its demo itself and keeps it, and has it nowhere in clear",
  slow,
  async () => {
    const stack = new StackModel("pr-7");
    const first = await stack.up(preview);
    const again = await stack.up(preview);
    const { demoPassword } = first.outputs;
    expect(demoPassword).toMatch(/^[\w-]{24}$/);
    expect(again.outputs.demoPassword).toBe(demoPassword);
    expect((await new StackModel("pr-8").up(preview)).outputs.demoPassword).not.toBe(demoPassword);
    expect(find(first.resources, "worker")?.inputs.bindings).toContainEqual({
      name: "DEMO_PASSWORD",
      type: "secret_text",
      text: demoPassword,
    });
    expect(JSON.stringify(first.resources.map(({ clear }) => clear))).not.toContain(demoPassword);

    const own = { ...preview, secrets: { demoPassword: "chosen by a person" } };
    const chosen = await new StackModel("pr-9").up(own);
    expect(chosen.outputs).not.toHaveProperty("demoPassword");
    expect(find(chosen.resources, "demo-password")).toBeUndefined();
    const development = await new StackModel("dev").up();
    expect(development.outputs).not.toHaveProperty("demoPassword");
  },
);

test("a custom domain is the origin, with workers.dev off beside it", slow, async () => {
  const { resources, outputs } = await new StackModel("prod").up({
    values: production,
    secrets,
  });
  expect(outputs.mcpUrl).toBe("https://mcp.example.com/mcp");
  expect(find(resources, "domain")?.inputs).toMatchObject({
    hostname: "mcp.example.com",
    service: "remote-mcp-server-prod",
    zoneId: "e".repeat(32),
  });
  expect(find(resources, "workers-dev")?.inputs).toMatchObject({ enabled: false });
  expect(find(resources, "route mcp.example.com/api/*")?.inputs).toMatchObject({
    pattern: "mcp.example.com/api/*",
    script: "remote-mcp-server-prod",
  });
  expect(JSON.stringify(resources.map(({ clear }) => clear))).not.toContain("canary");
});

test(
  "whatever points at the Worker or feeds it is made after it, or before, so that destroy can go backwards",
  slow,
  async () => {
    const { resources } = await new StackModel("prod").up({
      values: production,
      secrets,
    });
    const urn = (name: string) => find(resources, name)?.urn;
    expect(find(resources, "worker")?.options.dependsOn).toContain(urn("oauth"));
    for (const name of ["workers-dev", "domain", "purge", "route mcp.example.com/api/*"]) {
      expect(find(resources, name)?.options.dependsOn, name).toContain(urn("worker"));
    }
  },
);

test("Access is in front of the pages, and of nothing that a client talks to", slow, async () => {
  const { oidcIssuer: _issuer, oidcClientId: _client, ...rest } = production;
  const values = {
    ...rest,
    identityMethod: "access",
    accessTeamDomain: "acme.cloudflareaccess.com",
    allowedEmails: '["ada@example.org"]',
  };
  const { resources, outputs } = await new StackModel("prod").up({ values });
  const host = "mcp.example.com";
  expect(find(resources, "worker")?.inputs.bindings).toContainEqual({
    name: "ACCESS_AUDIENCE",
    type: "secret_text",
    text: accessTag,
  });
  expect(outputs).not.toHaveProperty("signInCallbackUrl");
  expect(find(resources, "access")?.inputs).toMatchObject({
    type: "self_hosted",
    destinations: ["/authorize", "/authorize/*", "/connections", "/connections/*"].map((path) => ({
      type: "public",
      uri: `${host}${path}`,
    })),
  });
  expect(find(resources, "access-policy")?.inputs).toMatchObject({
    decision: "allow",
    includes: [{ email: { email: "ada@example.org" } }, { emailDomain: { domain: "example.com" } }],
  });
});

test("no other identity method makes an Access application", slow, async () => {
  const { resources, outputs } = await new StackModel("prod").up({ values: production, secrets });
  expect(find(resources, "access")).toBeUndefined();
  expect(outputs.signInCallbackUrl).toBe("https://mcp.example.com/authorize/callback");
});

describe("a custom domain that is not free", () => {
  function upWith(holder: DomainHolder, zoneId: string | undefined = "e".repeat(32)) {
    const createAccount = () => ({
      ...createEmptyAccount(),
      findZoneId: async () => zoneId,
      findHolder: async () => holder,
    });
    return new StackModel("prod").up({
      values: production,
      secrets,
      parts: { createAccount },
    });
  }

  test("names the Worker that has it", async () => {
    await expect(upWith({ worker: "shop", records: [] })).rejects.toThrowError(
      /customDomain: mcp\.example\.com belongs to the Worker "shop"\. Choose another name, or take/,
    );
  });

  test("names the DNS record that has it", async () => {
    await expect(upWith({ records: ["A 192.0.2.1"] })).rejects.toThrowError(
      /customDomain: .* has the DNS record A 192\.0\.2\.1\. .*set publicUrl and routes instead/,
    );
  });

  test("is no hindrance where it is this Worker's own", slow, async () => {
    const own = { worker: "remote-mcp-server-prod", records: [] };
    expect((await upWith(own)).created).toContain("domain");
  });

  test("lies in a zone that the account does not have", async () => {
    const createAccount = createEmptyAccount;
    const up = new StackModel("prod").up({
      values: production,
      secrets,
      parts: { createAccount },
    });
    await expect(up).rejects.toThrowError(
      /zone: this account has no zone "example\.com".*Zone Read/,
    );
  });
});
