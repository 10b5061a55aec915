import type { Prompts } from "./questions.ts";

/** Asks at this terminal, on the standard error: the standard output is the answer's. */
export async function createTerminalPrompts(): Promise<Prompts> {
  const { confirm, isCancel, multiselect, select, text } = await import("@clack/prompts");
  const output = process.stderr;
  const take = <Given>(given: Given): Exclude<Given, symbol> | undefined =>
    isCancel(given) ? undefined : (given as Exclude<Given, symbol>);
  return {
    text: async ({ message, initial, validate }) =>
      take(
        await text({
          message,
          output,
          validate: (typed) => validate(typed ?? ""),
          ...(initial !== undefined && { initialValue: initial }),
        }),
      ),
    yes: async ({ message, initial = false }) =>
      take(await confirm({ message, output, initialValue: initial })),
    one: async ({ message, choices, initial }) =>
      take(
        await select<string>({
          message,
          output,
          options: [...choices],
          ...(initial !== undefined && { initialValue: initial }),
        }),
      ),
    several: async ({ message, choices, initial, isRequired }) =>
      take(
        await multiselect<string>({
          message,
          output,
          options: [...choices],
          initialValues: [...initial],
          required: isRequired,
        }),
      ),
  };
}
