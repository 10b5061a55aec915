import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Projects in the order in which they begin; the others come after them. */
const order = ["unit", "worker", "cloud", "browser"];

/**
 * Begins with the tests that are the first to tell what is wrong, as they start nothing beside themselves; then with
 * the files that take longest, so that at the end none of them runs alone while other processors rest: those that
 * deploy, each by size, or by what vitest knows of earlier runs. Its own order is by the projects' names.
 */
export class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ project: { name } }: TestSpecification): number {
  const at = order.indexOf(name);
  return at === -1 ? order.length : at;
}
