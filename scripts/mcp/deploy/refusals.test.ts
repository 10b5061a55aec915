import { expect, test } from "vitest";
import type { Prepared } from "./prepare.ts";
import { findRefusal } from "./refusals.ts";

/** As far as a refusal looks at it. */
function toPrepared(parts: Partial<Prepared> = {}): Prepared {
  return { forbidden: [], obstacles: [], isProduction: false, ...parts } as Prepared;
}

const withoutPolicies = "no analyzer plugin 'pulumi-analyzer-policy-nodejs' found";

test("production whose rules nobody has checked is not deployed; its plan is shown", () => {
  const production = toPrepared({ isProduction: true, withoutPolicies });
  expect(findRefusal("prod", production, { wayBack: true })).toMatch(
    /^infra\/policy: prod is production, .* Nothing was changed\. .* no analyzer plugin/,
  );
  expect(findRefusal("prod", production, { wayBack: false, yes: true })).toBeDefined();
  expect(findRefusal("prod", production, { wayBack: true, plan: true })).toBeUndefined();
  expect(findRefusal("dev", toPrepared({ withoutPolicies }), { wayBack: true })).toBeUndefined();
  expect(
    findRefusal("prod", toPrepared({ isProduction: true }), { wayBack: true }),
  ).toBeUndefined();
});

test("what the policy pack forbids is not deployed, and what cannot be taken back only where that is said", () => {
  const forbidden = toPrepared({ forbidden: ["No pages from elsewhere."] });
  expect(findRefusal("dev", forbidden, { wayBack: false })).toContain("No pages from elsewhere.");
  const oneWay = toPrepared({ obstacles: ["it moves the server"] });
  expect(findRefusal("dev", oneWay, { wayBack: true })).toContain("give --no-way-back");
  expect(findRefusal("dev", oneWay, { wayBack: false })).toBeUndefined();
  expect(findRefusal("dev", oneWay, { wayBack: true, plan: true })).toBeUndefined();
});
