import { toBindingName } from "../worker/kit/needs.ts";

/** Variable from which the dev server and `preview up` take a secret: `MCP_API_KEY` for `apiKey`. */
export function toSecretVariable(name: string): string {
  return `MCP_${toBindingName(name)}`;
}

/**
 * How a stack is given a secret, as the end of a message. A preview's stack is made from
 * `Pulumi.preview.yaml` each time, so a value set by hand would be on one machine only.
 */
export function tellHowToSet(name: string, environment: string | undefined): string {
  const byHand = `\`npx pulumi config set -s <stack> --secret ${name}\``;
  if (environment !== "preview") return byHand;
  return `the variable ${toSecretVariable(name)}, from which \`preview up\` takes it (at GitHub a secret of that name, which .github/workflows/preview.yml hands over: docs/previews.md), or with ${byHand}`;
}
