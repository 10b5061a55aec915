/** A server in a few files, as upstream has it. */
export const smallUpstream: Readonly<Record<string, string>> = {
  "ownership.json": `${JSON.stringify(
    {
      theirs: ["tools/**", "README.md", "Pulumi.*.yaml", ".upstream.json"],
      byKey: { "package.json": ["name", "version"], "Pulumi.yaml": ["name", "description"] },
      regenerated: {
        "package-lock.json": "npm install --package-lock-only",
        "tools.md": "npm run docs",
      },
      starts: {},
    },
    undefined,
    2,
  )}\n`,
  "package.json": `${JSON.stringify(
    {
      name: "server",
      version: "1.0.0",
      dependencies: { hono: "1.0.0", yaml: "1.0.0", zod: "1.0.0" },
    },
    undefined,
    2,
  )}\n`,
  "package-lock.json": `${JSON.stringify({ name: "server", packages: { "": {} } }, undefined, 2)}\n`,
  "Pulumi.yaml":
    "name: server\n# For people.\ndescription: A server\nmain: index.ts\nconfig:\n  old:\n    default: a\n",
  "CHANGELOG.md": "# Changelog\n\n## [1.0.0] - 2026-11-30\n\n### Added\n\n- Everything.\n",
  "README.md": "# Server\n",
  "tools.md": "None.\n",
  "index.ts": lines("index", 30),
  "other.ts": lines("other", 30),
  "docs/page.md": lines("page", 30),
  "tools/sample.ts": "export const sample = 1;\n",
  "tools/index.ts": 'export { sample } from "./sample.ts";\n',
  "worker/durable-objects.ts":
    'export const durableObjectHistory: readonly Step[] = [\n  { tag: "v1", create: ["A"] },\n];\n',
};

/** A text of numbered lines. */
export function lines(name: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${name} ${index + 1}\n`).join("");
}

/** The same with some lines replaced, by number. */
export function change(text: string, changes: Readonly<Record<number, string>>): string {
  const all = text.split("\n");
  for (const [line, replaced] of Object.entries(changes)) all[Number(line) - 1] = replaced;
  return all.join("\n");
}
