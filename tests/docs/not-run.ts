/** Why no test runs a command of a document. Each is counted. */
export const reasons = [
  "it is run once, by the walk of docs/first-hour.md (`npm run test:soak`) or by .ci/run",
  "it runs the tests, this one among them",
  "it installs packages and runs the tests; tests/upgrade runs it with a stand-in for npm",
  "a program of another maker, which wants an account there",
  "it opens a window for a person; tests/browser goes through it",
  "it measures, and wants an idle machine for ten minutes",
  "it wants a part of Cloudflare that the local cloud does not have",
] as const;

/** A command that is run by no test as it is written. */
export interface NotRun {
  /** The document; undefined for any. */
  readonly document?: string;
  readonly command: RegExp;
  readonly reason: (typeof reasons)[number];
}

const [once, tests, upgrade, elsewhere, window, measures, cloudflare] = reasons;

/** The one list of them. Everything else in a block of `sh`, or after a `$`, is run. */
export const notRun: readonly NotRun[] = [
  { command: /^npm ci$/, reason: once },
  { command: /^npm test$/, reason: tests },
  { document: "CONTRIBUTING.md", command: /^npx vitest run /, reason: tests },
  { document: "docs/upgrade.md", command: /^npm run upgrade/, reason: upgrade },
  { document: "docs/clients.md", command: /^claude mcp add /, reason: elsewhere },
  { document: "docs/clients.md", command: /^codex mcp (?:add|login) /, reason: elsewhere },
  { document: "docs/clients.md", command: /^gemini mcp add /, reason: elsewhere },
  { command: /^npx @modelcontextprotocol\/inspector$/, reason: window },
  { document: "docs/performance.md", command: /^npm run (?:bench|docs)/, reason: measures },
  { document: "docs/runbook.md", command: /^npx wrangler tail /, reason: cloudflare },
];

/** Why a command of a document is not run; undefined for one that is. */
export function findReason(document: string, command: string): NotRun | undefined {
  return notRun.find((one) => (one.document ?? document) === document && one.command.test(command));
}

/** The only document in which packages are really installed. */
export const installing = "docs/first-hour.md";
