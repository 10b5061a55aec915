import type { ElicitRequestFormParams, ElicitResult } from "@modelcontextprotocol/client";
import * as z from "zod";
import { toPlainLine } from "../../plain-text.ts";

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Questions at a terminal. Each gives undefined if the person leaves with Escape or Ctrl-C. */
export interface Prompts {
  text(question: {
    readonly message: string;
    readonly initial?: string;
    readonly validate: (typed: string) => string | undefined;
  }): Promise<string | undefined>;
  yes(question: {
    readonly message: string;
    readonly initial?: boolean;
  }): Promise<boolean | undefined>;
  one(question: {
    readonly message: string;
    readonly choices: readonly Choice[];
    readonly initial?: string;
  }): Promise<string | undefined>;
  several(question: {
    readonly message: string;
    readonly choices: readonly Choice[];
    readonly initial: readonly string[];
    readonly isRequired: boolean;
  }): Promise<readonly string[] | undefined>;
}

type Field = ElicitRequestFormParams["requestedSchema"]["properties"][string];
type Value = string | number | boolean | string[];

/** The choice that leaves out a field that may be left out. No server can mean it: it is not text of a form. */
const none = "\u0000";

/** Asks a person what a server wants to know, field by field, after they chose to answer at all. */
export async function answerForm(
  { message, requestedSchema }: ElicitRequestFormParams,
  prompts: Prompts,
): Promise<ElicitResult> {
  const action = await prompts.one({
    message: `The server asks: ${toPlainLine(message)}`,
    choices: [
      { value: "accept", label: "Answer" },
      { value: "decline", label: "Decline" },
      { value: "cancel", label: "Cancel" },
    ],
  });
  if (action === "decline") return { action };
  if (action !== "accept") return { action: "cancel" };
  const { properties, required = [] } = requestedSchema;
  const content: Record<string, Value> = {};
  for (const [name, field] of Object.entries(properties)) {
    const answer = await askField(name, field, required.includes(name), prompts);
    if (answer === "left") return { action: "cancel" };
    if (answer !== undefined) content[name] = answer.value;
  }
  return { action: "accept", content };
}

/** @returns undefined if the field is left out, "left" if the person left the form. */
async function askField(
  name: string,
  field: Field,
  isRequired: boolean,
  prompts: Prompts,
): Promise<{ readonly value: Value } | undefined | "left"> {
  const message = describeField(name, field, isRequired);
  if (field.type === "boolean") {
    const yes = await prompts.yes({
      message,
      ...(field.default !== undefined && { initial: field.default }),
    });
    return yes === undefined ? "left" : { value: yes };
  }
  if (field.type === "array") {
    const chosen = await prompts.several({
      message,
      choices: listChoices(field.items),
      initial: field.default ?? [],
      isRequired,
    });
    if (chosen === undefined) return "left";
    return chosen.length === 0 && !isRequired ? undefined : { value: [...chosen] };
  }
  const choices = listChoices(field);
  if (choices.length > 0) {
    const chosen = await prompts.one({
      message,
      choices: isRequired ? choices : [...choices, { value: none, label: "(leave out)" }],
      ...(typeof field.default === "string" && { initial: field.default }),
    });
    if (chosen === undefined) return "left";
    return chosen === none ? undefined : { value: chosen };
  }
  const typed = await prompts.text({
    message,
    ...(field.default !== undefined && { initial: String(field.default) }),
    validate: (text) => findFault(text, field, isRequired),
  });
  if (typed === undefined) return "left";
  if (typed === "" && !isRequired) return undefined;
  return { value: isNumeric(field) ? Number(typed) : typed };
}

function describeField(name: string, field: Field, isRequired: boolean): string {
  const title = field.title ?? name;
  const more =
    field.description === undefined || field.description === title ? "" : `: ${field.description}`;
  return toPlainLine(`${title}${more}${isRequired ? "" : " (optional)"}`);
}

/** Choices of a field in each of the forms that MCP knows; none: what may be typed is free. */
function listChoices(field: object): Choice[] {
  const { enum: values, enumNames, oneOf, anyOf } = choosable.parse(field);
  const titled = oneOf ?? anyOf;
  if (titled !== undefined) {
    return titled.map(({ const: value, title = value }) => ({ value, label: toPlainLine(title) }));
  }
  return (values ?? []).map((value, index) => ({
    value,
    label: toPlainLine(enumNames?.[index] ?? value),
  }));
}

const titledChoice = z.object({ const: z.string(), title: z.string().optional() });

const choosable = z.object({
  enum: z.array(z.string()).optional(),
  enumNames: z.array(z.string()).optional(),
  oneOf: z.array(titledChoice).optional(),
  anyOf: z.array(titledChoice).optional(),
});

function isNumeric({ type }: Field): boolean {
  return type === "number" || type === "integer";
}

/** What is wrong with the text that was typed; undefined if nothing. The server checks it again. */
function findFault(text: string, field: Field, isRequired: boolean): string | undefined {
  if (text === "") return isRequired ? "Type something." : undefined;
  const bounds = bounded.parse(field);
  if (isNumeric(field)) {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(number)) return "Type a number.";
    if (field.type === "integer" && !Number.isInteger(number)) return "Type a whole number.";
    if (number < (bounds.minimum ?? number)) return `At least ${bounds.minimum}.`;
    if (number > (bounds.maximum ?? number)) return `At most ${bounds.maximum}.`;
    return undefined;
  }
  if (text.length < (bounds.minLength ?? 0)) return `At least ${bounds.minLength} characters.`;
  if (text.length > (bounds.maxLength ?? text.length))
    return `At most ${bounds.maxLength} characters.`;
  const format = bounds.format === undefined ? undefined : formats[bounds.format];
  return format === undefined || format.schema.safeParse(text).success ? undefined : format.fault;
}

const bounded = z.object({
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  format: z.enum(["email", "uri", "date", "date-time"]).optional(),
});

const formats = {
  email: { schema: z.email(), fault: "Type an e-mail address." },
  uri: { schema: z.url(), fault: "Type a whole address, such as https://example.com." },
  date: { schema: z.iso.date(), fault: "Type a day as 2026-07-28." },
  "date-time": {
    schema: z.iso.datetime({ offset: true }),
    fault: "Type a moment as 2026-07-28T12:00:00Z.",
  },
} as const;

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
