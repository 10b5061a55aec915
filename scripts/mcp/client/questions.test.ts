import type { ElicitRequestFormParams } from "@modelcontextprotocol/client";
import { expect, test } from "vitest";
import { answerForm, type Prompts } from "./questions.ts";

type Properties = ElicitRequestFormParams["requestedSchema"]["properties"];

/** A person who gives these answers in turn; undefined leaves. Keeps what they were asked. */
class Typist implements Prompts {
  readonly asked: string[] = [];
  readonly faults: (string | undefined)[] = [];
  readonly #answers: unknown[];

  constructor(...answers: unknown[]) {
    this.#answers = answers;
  }

  async text({ message, validate }: Parameters<Prompts["text"]>[0]) {
    for (;;) {
      const typed = this.#take<string>(message);
      const fault = typed === undefined ? undefined : validate(typed);
      if (fault === undefined) return typed;
      this.faults.push(fault);
    }
  }

  async yes({ message }: Parameters<Prompts["yes"]>[0]) {
    return this.#take<boolean>(message);
  }

  /** Chooses by what is shown, as a person does. */
  async one({ message, choices }: Parameters<Prompts["one"]>[0]) {
    const label = this.#take<string>(message);
    return choices.find((choice) => choice.label === label)?.value;
  }

  async several({ message, choices }: Parameters<Prompts["several"]>[0]) {
    const labels = this.#take<string[]>(message);
    return labels?.flatMap(
      (label) => choices.find((choice) => choice.label === label)?.value ?? [],
    );
  }

  #take<Answer>(message: string): Answer | undefined {
    this.asked.push(message);
    return this.#answers.shift() as Answer | undefined;
  }
}

function ask(properties: Properties, required: string[], typist: Typist) {
  const requestedSchema = { type: "object" as const, properties, required };
  return answerForm({ message: "Say\u001b[2J it", requestedSchema }, typist);
}

test("every kind of field is asked for, and its answer has the field's type", async () => {
  const typist = new Typist("Answer", "Ada", "x", "1.5", "7", true, "two", "Zwei", ["B"]);
  const answer = await ask(
    {
      name: { type: "string", title: "Name", description: "Who you are" },
      count: { type: "integer" },
      sure: { type: "boolean" },
      plain: { type: "string", enum: ["one", "two"] },
      titled: { type: "string", oneOf: [{ const: "2", title: "Zwei" }] },
      several: { type: "array", items: { anyOf: [{ const: "b", title: "B" }] } },
    },
    ["name", "count", "sure", "plain", "titled", "several"],
    typist,
  );
  expect(answer).toEqual({
    action: "accept",
    content: { name: "Ada", count: 7, sure: true, plain: "two", titled: "2", several: ["b"] },
  });
  expect(typist.faults).toEqual(["Type a number.", "Type a whole number."]);
  expect(typist.asked.slice(0, 2)).toEqual(["The server asks: Say it", "Name: Who you are"]);
});

test("what may be left out is left out, and stays out of the answer", async () => {
  const typist = new Typist("Answer", "", "(leave out)", []);
  const answer = await ask(
    {
      name: { type: "string" },
      plain: { type: "string", enum: ["one"] },
      several: { type: "array", items: { type: "string", enum: ["a"] } },
    },
    [],
    typist,
  );
  expect(answer).toEqual({ action: "accept", content: {} });
  expect(typist.asked[1]).toBe("name (optional)");
});

test("a decline and a cancel ask nothing more; whoever leaves in the middle cancels", async () => {
  const properties: Properties = { name: { type: "string" } };
  for (const [answers, action, questions] of [
    [["Decline"], "decline", 1],
    [["Cancel"], "cancel", 1],
    [[undefined], "cancel", 1],
    [["Answer", undefined], "cancel", 2],
  ] as const) {
    const typist = new Typist(...answers);
    expect(await ask(properties, ["name"], typist)).toEqual({ action });
    expect(typist.asked).toHaveLength(questions);
  }
});

test.each([
  [{ type: "string", minLength: 3, maxLength: 4 }, ["", "ab", "abcde"], "abc"],
  [{ type: "number", minimum: 1, maximum: 2 }, [" ", "0", "3", "Infinity"], "1.5"],
  [{ type: "string", format: "email" }, ["ada"], "ada@example.com"],
  [{ type: "string", format: "uri" }, ["example"], "https://example.com"],
  [{ type: "string", format: "date" }, ["28.7.2026"], "2026-07-28"],
  [{ type: "string", format: "date-time" }, ["2026-07-28"], "2026-07-28T12:00:00Z"],
] as const)("what %j does not take is asked for once more", async (field, wrong, right) => {
  const typist = new Typist("Answer", ...wrong, right);
  const value = field.type === "number" ? Number(right) : right;
  expect(await ask({ field }, ["field"], typist)).toEqual({
    action: "accept",
    content: { field: value },
  });
  expect(typist.faults).toHaveLength(wrong.length);
});
