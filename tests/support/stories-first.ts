import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Projects whose files are stories of minutes. */
const stories = new Set(["cloud"]);

/**
 * Begins with the files that take longest, so that at the end none of them runs alone while other processors rest:
 * stories, then the rest, each by size, or by what vitest knows of earlier runs. Its own order is by the projects' names.
 */
export class StoriesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

/** Groups stay in their order; within one, stories come first. */
function rank({ project: { name, config } }: TestSpecification): number {
  return 2 * config.sequence.groupOrder + (stories.has(name) ? 0 : 1);
}
