import * as z from "zod";
import type { Features } from "../../worker/kit/index.ts";
import { findDescriptionProblems, findLookAlikes } from "./description-rules.ts";

/** A problem in what a server says about one tool, resource or prompt. */
export interface OfferProblem {
  /** Such as `tool add` or `prompt explain-steps`. */
  readonly where: string;
  readonly problem: string;
}

/** What a model or a person would miss in what a server says of its tools, resources and prompts. */
export function findOfferProblems({ tools, resources, prompts }: Features): OfferProblem[] {
  const names = tools.map(({ name }) => name);
  return [
    ...tools.flatMap((tool) =>
      findDescriptionProblems(tool).map((problem) => ({ where: `tool ${tool.name}`, problem })),
    ),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => ({ where: `tool ${name}`, problem: "name: another tool has it too" })),
    ...findLookAlikes(tools).map((pair) => ({
      where: `tools ${pair}`,
      problem: "descriptions: they say nearly the same, and a model could not choose",
    })),
    ...resources.flatMap((one) => tell(`resource ${one.name}`, findWordProblems(one))),
    ...prompts.flatMap(({ name, title, description, args }) =>
      tell(`prompt ${name}`, [
        ...(/^[a-z]+(-[a-z0-9]+)*$/.test(name) ? [] : ["name: lower case, words joined by -"]),
        ...findWordProblems({ title, description }),
        ...Object.entries(args.shape).flatMap(([arg, schema]) =>
          z.toJSONSchema(schema as z.ZodType).description ? [] : `${arg}: has a description`,
        ),
      ]),
    ),
  ];
}

function tell(where: string, problems: readonly string[]): OfferProblem[] {
  return problems.map((problem) => ({ where, problem }));
}

/** Checks what people and models read of a resource or a prompt. */
function findWordProblems({
  title,
  description,
}: {
  readonly title: string;
  readonly description: string;
}): string[] {
  const isTitle = /^[A-Z].{2,39}$/.test(title);
  const isDescription = /^[A-Z].{39,199}\.$/.test(description);
  return [
    ...(isTitle ? [] : ["title: 3 to 40 characters, a capital first"]),
    ...(isDescription ? [] : ["description: a sentence of 40 to 200 characters, with a full stop"]),
  ];
}
