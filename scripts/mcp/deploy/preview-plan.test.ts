import { expect, test } from "vitest";
import { findMissingHost, refuseBrokenPack } from "./preview-plan.ts";

/** What the CLI 3.259 says, as the stack's commands pass it on. */
const head = "Pulumi could not preview prod:\n";
const missing = `${head}error: could not start policy pack "/c/infra/policy" because the built-in analyzer plugin that runs policy plugins is missing. This might occur when the plugin directory is not on your $PATH: no analyzer plugin 'pulumi-analyzer-policy-nodejs' found in the workspace`;
const broken = `${head}error: policy pack "/c/infra/policy" failed to start: could not read plugin [/c/infra/policy]: exit status 32
    pulumi:pulumi:Stack x-a  error: [runtime] Running program '/c/infra/policy' failed with an unhandled exception:
    pulumi:pulumi:Stack x-a      TypeError: policies.ts has no default export
    pulumi:pulumi:Stack x-a      at finalizeResolution (node:internal/modules/esm/resolve:272:11)`;

test("only a CLI that lacks the host of policy packs counts as one that cannot run them", () => {
  expect(findMissingHost(missing)).toMatch(
    /^could not start policy pack .* found in the workspace$/,
  );
  const others = [
    broken,
    "the policy pack says no",
    "error: no resource plugin 'pulumi-resource-cloudflare' found",
    "failed to load language plugin nodejs: it crashed",
  ];
  for (const said of others) expect(findMissingHost(said), said).toBeUndefined();
});

test("a pack that does not start refuses the deployment, with its own error and no stack trace", () => {
  expect(() => refuseBrokenPack(broken)).toThrow(
    /^infra\/policy: the policy pack does not start.* It says: TypeError: policies\.ts has no default export$/,
  );
  refuseBrokenPack(missing);
});
