import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

/** What axe says of a page: each violation, with the elements that have it. */
interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
  readonly passes: readonly { readonly id: string; readonly tags: readonly string[] }[];
}

const path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/**
 * What axe finds wrong with the page in front, a line for each element: its rules for accessibility and
 * those for good practice, as Lighthouse's audits have them.
 * @throws Error when it did not look at both.
 */
export async function findViolations(page: Page): Promise<string[]> {
  // Into the page's own world, past its content security policy, which blocks script tags.
  const isThere = await page.evaluate<boolean>("'axe' in window");
  if (!isThere) await page.evaluate(await readFile(path, "utf8"));
  const { violations, passes } = await page.evaluate<AxeResults>(
    "axe.run(document, { rules: { 'target-size': { enabled: true } } })",
  );
  for (const tag of ["wcag2a", "wcag2aa", "best-practice"]) {
    if (!passes.some(({ tags }) => tags.includes(tag)) && violations.length === 0) {
      throw new Error(`axe looked at nothing for ${tag}.`);
    }
  }
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${html} ${failureSummary}`),
  );
}
