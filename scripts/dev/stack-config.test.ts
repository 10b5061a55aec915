import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readStackConfig } from "./stack-config.ts";

const projectFile = `
name: shop
config:
  pulumi:disable-default-providers: { value: [cloudflare] }
  colour: { type: string, default: red }
  tags: { type: array, items: { type: string }, default: [] }
`;

/** A checkout with these files, gone at the end of the test. */
async function makeCheckout(files: Record<string, string>) {
  const root = await mkdtemp(join(tmpdir(), "stack-config-"));
  for (const [path, text] of Object.entries({ "Pulumi.yaml": projectFile, ...files })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

test("the project's defaults hold until the stack says otherwise", async () => {
  await using checkout = await makeCheckout({
    "Pulumi.dev.yaml": "config:\n  shop:tags: [a, b]\n  shop:size: 3\n",
  });
  const { values } = await readStackConfig(checkout.root, "dev", {});
  expect(values).toEqual({
    "pulumi:disable-default-providers": '["cloudflare"]',
    "shop:colour": "red",
    "shop:tags": '["a","b"]',
    "shop:size": "3",
  });
});

test("a stack that does not exist is refused with the names of those that do", async () => {
  await using checkout = await makeCheckout({ "Pulumi.dev.yaml": "config: {}\n" });
  await expect(readStackConfig(checkout.root, "prod", {})).rejects.toThrowError(
    /no stack "prod": the file Pulumi\.prod\.yaml is missing\. Stacks here: dev/,
  );
});

test("an encrypted value is taken from the variable, else from the secrets file", async () => {
  await using checkout = await makeCheckout({
    "Pulumi.dev.yaml":
      "config:\n  shop:demoPassword: { secure: v1:abc }\n  shop:apiKey: { secure: v1:def }\n  cloudflare:apiToken: { secure: v1:ghi }\n",
    ".dev/secrets.yaml": "demoPassword: from-file\napiKey: from-file\n",
  });
  const { values, secretKeys } = await readStackConfig(checkout.root, "dev", {
    MCP_DEMO_PASSWORD: "from-variable",
  });
  expect(values).toMatchObject({
    "shop:demoPassword": "from-variable",
    "shop:apiKey": "from-file",
  });
  expect(secretKeys).toEqual(["shop:demoPassword", "shop:apiKey"]);
  expect(values).not.toHaveProperty("cloudflare:apiToken");
});

test("a key without a namespace is the project's: production is not served as development", async () => {
  await using checkout = await makeCheckout({
    "Pulumi.dev.yaml": "config:\n  environment: production\n  colour: blue\n",
  });
  const { values } = await readStackConfig(checkout.root, "dev", {});
  expect(values).toMatchObject({ "shop:environment": "production", "shop:colour": "blue" });
});

test("a number with underscores is taken for what the CLI takes it for", async () => {
  await using checkout = await makeCheckout({
    "Pulumi.dev.yaml": "config:\n  points: [.2_9, ._2, .2_, -._2, 1_0.5]\n",
  });
  const { values } = await readStackConfig(checkout.root, "dev", {});
  expect(values["shop:points"]).toBe('[0.29,"._2",".2_",-0.2,10.5]');
});

test("one setting that is spelled in two ways is refused: Pulumi takes either", async () => {
  await using checkout = await makeCheckout({
    "Pulumi.dev.yaml": "config:\n  size: 1\n  shop:size: 2\n",
  });
  await expect(readStackConfig(checkout.root, "dev", {})).rejects.toThrowError(
    /Pulumi\.dev\.yaml: "size" and "shop:size" are one setting.*Remove one/,
  );
});

test("values encrypted within a list or an object are named by their place, and taken from the secrets file", async () => {
  const files = {
    "Pulumi.dev.yaml":
      "config:\n  api: { url: https://a.example, auth: { key: { secure: v1:a } } }\n  words: [{ secure: v1:b }, plain]\n",
  };
  await using checkout = await makeCheckout(files);
  await expect(readStackConfig(checkout.root, "dev", {})).rejects.toThrowError(
    /api\.auth\.key: write "api" into \.dev\/secrets\.yaml[\s\S]*words\.0: .*MCP_WORDS/,
  );
  await using filled = await makeCheckout({
    ...files,
    ".dev/secrets.yaml": "api: { auth: { key: hush } }\n",
  });
  const { values, secretKeys } = await readStackConfig(filled.root, "dev", {
    MCP_WORDS: '["other","plain"]',
  });
  expect(values).toMatchObject({
    "shop:api": '{"auth":{"key":"hush"},"url":"https://a.example"}',
    "shop:words": '["other","plain"]',
  });
  expect(secretKeys).toEqual(["shop:api", "shop:words"]);
});

test("a local secret of digits is taken as it is written", async () => {
  await using checkout = await makeCheckout({
    "Pulumi.dev.yaml": "# nothing yet\n",
    ".dev/secrets.yaml": "apiKey: 0012345678901234567890\npin: 1_0\n",
  });
  const { values } = await readStackConfig(checkout.root, "dev", {});
  expect(values).toMatchObject({ "shop:apiKey": "0012345678901234567890", "shop:pin": "1_0" });
});

test("every secret without a local value is named, with both ways to give it", async () => {
  await using checkout = await makeCheckout({
    "Pulumi.dev.yaml":
      "config:\n  shop:demoPassword: { secure: v1:abc }\n  shop:apiKey: { secure: v1:def }\n",
  });
  await expect(readStackConfig(checkout.root, "dev", {})).rejects.toThrowError(
    /demoPassword: write "demoPassword: <value>" into \.dev\/secrets\.yaml, or set MCP_DEMO_PASSWORD[\s\S]*apiKey: /,
  );
});

test("a file that is not YAML is named with the place of the mistake", async () => {
  await using checkout = await makeCheckout({ "Pulumi.dev.yaml": "config:\n  a: [1\n" });
  await expect(readStackConfig(checkout.root, "dev", {})).rejects.toThrowError(
    /Pulumi\.dev\.yaml is not YAML: .*line 3/s,
  );
});
