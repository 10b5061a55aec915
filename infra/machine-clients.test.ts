import { createHash, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { StackModel } from "../tests/support/stack-model.ts";
import { workerSettings } from "../worker/env.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = (key: typeof rsa.publicKey) => key.export({ type: "spki", format: "pem" });
const slow = { timeout: 900_000 };

const client = (more: object = {}) => ({ name: "ci", scopes: ["demo:use"], ...more });

async function up(stack: StackModel, ...clients: object[]) {
  const values = clients.length === 0 ? {} : { machineClients: JSON.stringify(clients) };
  const report = await stack.up({ values });
  const bindings = report.resources.find(({ name }) => name === "worker")?.inputs.bindings as {
    readonly name: string;
    readonly text?: string;
    readonly json?: string;
  }[];
  const find = (name: string) => bindings.find((binding) => binding.name === name);
  return {
    ...report,
    settings: workerSettings.parse(JSON.parse(find("SETTINGS")?.json ?? "")),
    digests: JSON.parse(find("MACHINE_SECRETS")?.text ?? "null") as unknown,
    secrets: report.outputs.machineSecrets as Record<string, string> | undefined,
  };
}

const digest = (text = "") => createHash("sha256").update(text).digest("hex");

test(
  "a stack makes a machine client's secret itself, and the Worker gets its digest",
  slow,
  async () => {
    const stack = new StackModel();
    const both = [client({ secrets: [1] }), client({ name: "nightly", secrets: [1] })];
    const first = await up(stack, ...both);
    const { ci, nightly } = first.secrets ?? {};
    expect(ci).toMatch(/^mcps_[\w-]{43}$/);
    expect(nightly).not.toBe(ci);
    expect(first.digests).toEqual({ ci: [digest(ci)], nightly: [digest(nightly)] });
    // Neither in clear in state, nor in the Worker.
    expect(JSON.stringify(first.resources.map(({ clear }) => clear))).not.toContain(ci?.slice(5));
    const worker = first.resources.find(({ name }) => name === "worker");
    expect(JSON.stringify(worker)).not.toContain(ci?.slice(5));
    expect((await up(stack, ...both)).secrets).toEqual(first.secrets);
  },
);

test(
  "a second number adds a secret beside the first, and without its number a secret is gone for good",
  slow,
  async () => {
    const stack = new StackModel();
    const one = await up(stack, client({ secrets: [1] }));
    const two = await up(stack, client({ secrets: [2, 1] }));
    expect(two.created).toEqual(["machine-secret-ci-2"]);
    expect(two.secrets?.ci).not.toBe(one.secrets?.ci);
    expect(two.digests).toEqual({ ci: [digest(one.secrets?.ci), digest(two.secrets?.ci)] });
    const next = await up(stack, client({ secrets: [2] }));
    expect(next.deleted).toEqual(["machine-secret-ci-1"]);
    expect(next.digests).toEqual({ ci: [digest(two.secrets?.ci)] });
    const back = await up(stack, client({ secrets: [1] }));
    expect(back.secrets?.ci).not.toBe(one.secrets?.ci);
  },
);

test("a stack without machine clients has nothing of them", slow, async () => {
  const { settings, digests, outputs, resources } = await up(new StackModel());
  expect(settings).not.toHaveProperty("machines");
  expect(digests).toBeNull();
  expect(outputs).not.toHaveProperty("machineSecrets");
  expect(resources.filter(({ name }) => name.includes("machine"))).toEqual([]);
});

test(
  "the Worker is told of each client's keys and runs, and of no key more than its public half",
  slow,
  async () => {
    const jwk = { ...ec.publicKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "ES256" };
    const { settings, digests } = await up(
      new StackModel(),
      client({ publicKeys: [pem(rsa.publicKey), jwk] }),
      client({ name: "far", resource: "sse", jwksUrl: "https://acme.example/jwks" }),
      client({
        name: "runs",
        workloads: [
          { repository: "acme/orders", branch: "main", repositoryId: 74 },
          {
            repository: "acme/x",
            environment: "live",
            issuer: "https://ghe.acme.example/_services/token",
          },
          {
            repository: "a/b",
            branch: "m",
            issuer: "https://ci.example",
            jwksUrl: "https://ci.example/k",
          },
        ],
      }),
    );
    const { n, e } = rsa.publicKey.export({ format: "jwk" });
    const { x, y } = jwk;
    expect(digests).toBeNull();
    expect(settings.machines).toEqual([
      client({
        resource: "mcp",
        keys: [
          { kty: "RSA", n, e },
          { kty: "EC", crv: "P-256", x, y, kid: "one" },
        ],
      }),
      client({ name: "far", resource: "sse", keysUrl: "https://acme.example/jwks" }),
      client({
        name: "runs",
        resource: "mcp",
        workloads: [
          {
            issuer: "https://token.actions.githubusercontent.com",
            keysUrl: "https://token.actions.githubusercontent.com/.well-known/jwks",
            repository: "acme/orders",
            repositoryId: "74",
            branch: "main",
          },
          {
            issuer: "https://ghe.acme.example/_services/token",
            keysUrl: "https://ghe.acme.example/_services/token/.well-known/jwks",
            repository: "acme/x",
            environment: "live",
          },
          {
            issuer: "https://ci.example",
            keysUrl: "https://ci.example/k",
            repository: "a/b",
            branch: "m",
          },
        ],
      }),
    ]);
  },
);

test(
  "as many secrets as Cloudflare takes in one are deployed, and one client more is refused before",
  slow,
  async () => {
    const clients = Array.from({ length: 37 }, (_, index) =>
      client({ name: `c${10 + index}`, secrets: [1, 2] }),
    );
    const { digests } = await up(new StackModel(), ...clients.slice(1));
    expect(JSON.stringify(digests)).toHaveLength(5113);
    await expect(up(new StackModel(), ...clients)).rejects.toThrowError(
      /machineClients: 37 clients have a secret, whose digests have 5255 bytes .* takes 5120 .*jwksUrl/,
    );
  },
);

describe("a wrong machine client is refused by its field, with the reason and what to do", () => {
  const small = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const run = { repository: "acme/orders", branch: "main" };
  test.each<[string, object[], RegExp]>([
    [
      "no scope",
      [client({ scopes: [], secrets: [1] })],
      /machineClients\.0\.scopes: must name at least one scope/,
    ],
    [
      "a scope that the server lacks",
      [client({ scopes: ["demo:admin"], secrets: [1] })],
      /machineClients\.0\.scopes: the server has no scope "demo:admin"\. It has: demo:use, /,
    ],
    [
      "a name with a colon",
      [client({ name: "a:b", secrets: [1] })],
      /machineClients\.0\.name: must be 1 to 40/,
    ],
    [
      "two of one name",
      [client({ secrets: [1] }), client({ secrets: [1] })],
      /machineClients\.1\.name: "ci" is there twice/,
    ],
    ["no way in", [client()], /machineClients\.0: "ci" has no way to say who it is/],
    ["an unknown field", [client({ secret: "x" })], /machineClients\.0: .*secret/],
    [
      "three secrets",
      [client({ secrets: [1, 2, 3] })],
      /machineClients\.0\.secrets: may hold at most two/,
    ],
    [
      "a secret twice",
      [client({ secrets: [1, 1] })],
      /machineClients\.0\.secrets: a number is there twice/,
    ],
    [
      "a private key",
      [client({ publicKeys: [rsa.privateKey.export({ type: "pkcs8", format: "pem" })] })],
      /machineClients\.0\.publicKeys\.0: is a private key(?!.*BEGIN)/,
    ],
    [
      "a private JWK",
      [client({ publicKeys: [ec.privateKey.export({ format: "jwk" })] })],
      /publicKeys\.0: is a private key/,
    ],
    ["no key", [client({ publicKeys: ["junk"] })], /publicKeys\.0: must be a public key: PEM/],
    [
      "a short key",
      [client({ publicKeys: [pem(small.publicKey)] })],
      /publicKeys\.0: must be RSA of 2048/,
    ],
    [
      "another curve",
      [
        client({
          publicKeys: [pem(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey as never)],
        }),
      ],
      /publicKeys\.0: must be RSA of 2048 bits or more, or EC/,
    ],
    [
      "keys here and elsewhere",
      [client({ publicKeys: [pem(rsa.publicKey)], jwksUrl: "https://a.example/k" })],
      /machineClients\.0\.jwksUrl: "ci" has publicKeys, too/,
    ],
    [
      "keys in clear",
      [client({ jwksUrl: "http://a.example/k" })],
      /machineClients\.0\.jwksUrl: must be an https/,
    ],
    [
      "every run of a repository",
      [client({ workloads: [{ repository: "acme/orders" }] })],
      /machineClients\.0\.workloads\.0: it takes every run of acme\/orders, those of pull requests too/,
    ],
    [
      "a ref as a branch",
      [client({ workloads: [{ ...run, branch: "refs/heads/main" }] })],
      /workloads\.0\.branch: must be the branch's name/,
    ],
    [
      "a repository without an owner",
      [client({ workloads: [{ ...run, repository: "orders" }] })],
      /workloads\.0\.repository: must be the owner and the name/,
    ],
    [
      "an issuer in clear",
      [client({ workloads: [{ ...run, issuer: "http://a.example" }] })],
      /workloads\.0\.issuer: must be an https/,
    ],
    [
      "two addresses of one issuer's keys",
      [client({ workloads: [run, { ...run, jwksUrl: "https://a.example/k" }] })],
      /workloads\.1\.jwksUrl: https:\/\/token\.actions\.githubusercontent\.com has its keys at/,
    ],
  ])("%s", async (_name, clients, message) => {
    await expect(up(new StackModel(), ...clients)).rejects.toThrowError(message);
  });
});
