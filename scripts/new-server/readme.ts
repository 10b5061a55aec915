import type { ServerIdentity } from "./server-words.ts";

/** A short README of a server's own: what it is, how it is run, and where everything else is told. */
export function writeReadme({ title, description, from }: ServerIdentity, tool: string): string {
  const sentence = /[.!?]$/.test(description) ? description : `${description}.`;
  // An address in angle brackets may have anything but those in it.
  const upstream = from.includes("://") ? `[its upstream](<${from}>)` : "its upstream";
  return `# ${title}

${sentence} A remote [MCP](https://modelcontextprotocol.io) server on Cloudflare Workers: people connect their client to \`/mcp\` (or
\`/sse\`, for older clients), sign in, and allow what it may do.

## Run it here

\`\`\`sh
npm ci && npm start
\`\`\`

Open http://localhost:8787/: the page says how to connect each client. The dev stack takes any email and any password.

## Change it

| What                          | Where                                                                                |
| ----------------------------- | ------------------------------------------------------------------------------------ |
| tools, such as \`${tool}\`      | [worker/tools](worker/tools), each with its test; \`npm run new:tool -- <name>\` adds one |
| resources and prompts         | [worker/resources](worker/resources), [worker/prompts](worker/prompts)               |
| what a tool needs: a setting, a secret, a database | \`needs\` in its file; [docs/tools.md](docs/tools.md#5-a-tool-with-an-api-key-and-a-setting) |
| what people can allow         | [worker/scopes.ts](worker/scopes.ts)                                                 |
| name, title, sign-in, domain  | the stacks' settings, \`Pulumi.<stack>.yaml\`                                          |
| what is tested with real clients | [tests/mine](tests/mine)                                                          |
| what it offers, as a table    | [docs/server/tools.md](docs/server/tools.md), written by \`npm run docs\`              |

\`npm run test:mine\` tests all of that, \`npm run check:tools\` reads the tools as a model would, and \`npm run typecheck && npm run lint\`
belong before each commit. [docs/tools.md](docs/tools.md) tells how a tool is written.

## Deploy it

[docs/deploy.md](docs/deploy.md) goes the whole way to production, [docs/identity.md](docs/identity.md) sets up a real sign-in, and the
[runbook](docs/runbook.md) says what to do when something is wrong.

## What it is made of

The sign-in, the transports, the deployment and everything else that is not in the table above come from ${upstream}.
Leave those files as they are if you can: \`npm run upgrade\` brings the newer ones. [docs/README.md](docs/README.md) is the map of the
documentation.
`;
}
