import { projectRoot } from "../../infra/bundle.ts";
import { describeFigures } from "./figures.ts";
import { replaceMarkedPart, replaceMarkedYaml } from "./marked-part.ts";
import { drawChart } from "./performance/chart.ts";
import { readPerformance } from "./performance/measured.ts";
import { describePerformance } from "./performance/page.ts";
import { describeConfig } from "./project-config.ts";
import { describeSettings } from "./settings-page.ts";
import { describeWrongAssertions } from "./wrong-assertions.ts";

/** The documents of ours with a generated part, from the root of the checkout, and what makes that part. */
const documents = {
  "docs/settings.md": describeSettings,
  "docs/performance.md": describePerformance,
  "docs/security.md": describeFigures,
  "docs/identity.md": describeWrongAssertions,
  "Pulumi.yaml": describeConfig,
} as const;

/** A document with a generated part. */
export type DocumentPath = keyof typeof documents;

/** The picture in docs/performance.md, from the root of the checkout. All of it is generated. */
export const chartPath = "docs/performance.svg";

/** That picture as it must be. */
export function renewChart(): string {
  return drawChart(readPerformance());
}

/** Every document with a generated part. */
export const documentPaths = Object.keys(documents) as DocumentPath[];

/**
 * The document with its generated part as it must be.
 * @throws Error if the markers are not there once each, in order.
 */
export function renewDocument(path: DocumentPath, text: string): string {
  const part = documents[path]();
  return path.endsWith(".yaml")
    ? replaceMarkedYaml(path, text, part)
    : replaceMarkedPart(projectRoot, path, text, part);
}
