import { expect, test } from "vitest";
import { renameLock, renamePackage, renameProject, renameStackFile } from "./rename.ts";

const identity = {
  name: "acme-orders",
  title: "Acme orders",
  description: 'Orders: "all" of them',
  from: "https://example.com/upstream.git",
};

test("Pulumi.yaml gets its two lines, and keeps all others", () => {
  const text =
    "# first\nname: old\ndescription: Was\nmain: infra/index.ts\nconfig:\n  name:\n    default: x\n";
  expect(renameProject(text, identity)).toBe(
    text
      .replace("name: old", "name: acme-orders")
      .replace("description: Was", 'description: "Orders: \\"all\\" of them"'),
  );
  expect(() => renameProject("main: x\n", identity)).toThrow(/no line "name: …" at its top/);
});

test("a stack's settings get the project's new name in every spelling, and keep comments and values", () => {
  const text = `# The dev stack.
config:
  cloudflare:baseUrl: http://127.0.0.1:8790/client/v4 # not ours
  old:environment: development
  before:config:scriptName: 010 # of an older name
  serverName: example
  # Why it is called so.
  old:serverTitle: Example (preview)
  old:probeSecret:
    secure: v1:abc
encryptionsalt: v1:salt
`;
  expect(
    renameStackFile(text, "Pulumi.dev.yaml", ["old", "before"], identity),
  ).toBe(`# The dev stack.
config:
  cloudflare:baseUrl: http://127.0.0.1:8790/client/v4 # not ours
  acme-orders:environment: development
  acme-orders:scriptName: 010 # of an older name
  serverName: acme-orders
  # Why it is called so.
  acme-orders:serverTitle: Acme orders (preview)
  acme-orders:probeSecret:
    secure: v1:abc
encryptionsalt: v1:salt
`);
});

test("a stack without settings gets the title, and no name: that is the project's", () => {
  expect(renameStackFile("# nothing yet\n", "Pulumi.x.yaml", ["old"], identity)).toBe(
    "# nothing yet\n\nconfig:\n  acme-orders:serverTitle: Acme orders\n",
  );
});

test("the package keeps scripts, packages and the order of its fields, and loses upstream's address", () => {
  const names = { ...identity, version: "0.1.0", unused: [] };
  const text = JSON.stringify({
    name: "old",
    version: "1.4.0",
    private: true,
    repository: "https://example.com/upstream.git",
    description: "Was",
    scripts: { start: "node ." },
  });
  expect(renamePackage(text, names)).toBe(`{
  "name": "acme-orders",
  "version": "0.1.0",
  "private": true,
  "description": "Orders: \\"all\\" of them",
  "scripts": {
    "start": "node ."
  }
}
`);
  const lock = { name: "old", version: "1.4.0", packages: { "": { name: "old", license: "MIT" } } };
  expect(JSON.parse(renameLock(JSON.stringify(lock), names))).toEqual({
    name: "acme-orders",
    version: "0.1.0",
    packages: { "": { name: "acme-orders", version: "0.1.0", license: "MIT" } },
  });
});

test("packages that nothing uses any more go, with what only they needed", () => {
  const change = { ...identity, version: "0.1.0", unused: ["samples"] };
  const dependencies = { samples: "1.0.0", zod: "4.0.0" };
  const manifest = JSON.stringify({ name: "old", version: "1.4.0", dependencies });
  expect(JSON.parse(renamePackage(manifest, change)).dependencies).toEqual({ zod: "4.0.0" });
  const packages = {
    "": { name: "old", dependencies, devDependencies: { vitest: "4.0.0" } },
    "node_modules/chai": {},
    "node_modules/parser": {},
    "node_modules/samples": { dependencies: { chai: "1", parser: "1" } },
    "node_modules/vitest": { dependencies: { chai: "1" } },
    "node_modules/zod": {},
  };
  const lock = JSON.parse(renameLock(JSON.stringify({ name: "old", packages }), change));
  expect(lock.packages[""].dependencies).toEqual({ zod: "4.0.0" });
  expect(Object.keys(lock.packages)).toEqual([
    "",
    "node_modules/chai",
    "node_modules/vitest",
    "node_modules/zod",
  ]);
});
