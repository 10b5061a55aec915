import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import chooseUnit from "./choose-unit.ts";
import { lengthUnitNames } from "./length-units.ts";

const marathon = { value: 42.195, from: "kilometre" };

test("a unit that is named is taken, and nobody is asked", async () => {
  const { structured, text } = await callTool(chooseUnit, { ...marathon, to: "metre" });
  expect(structured).toEqual({ value: 42_195, unit: "metre", choices: [] });
  expect(text).toBe("42.195 kilometre = 42195 metre");
});

test("the person is asked for the unit, and it is taken", async () => {
  const questions: string[] = [];
  const { structured } = await callTool(chooseUnit, marathon, {
    answer(message) {
      questions.push(message);
      return { action: "accept", content: { unit: "mile" } };
    },
  });
  expect(questions).toEqual(["Which unit should 42.195 kilometre be converted to?"]);
  expect(structured).toMatchObject({ value: 26.2187574565, unit: "mile" });
});

test("a person who says no, or closes the form, is not asked again", async () => {
  for (const action of ["decline", "cancel"] as const) {
    const result = await callTool(chooseUnit, marathon, { answer: () => ({ action }) });
    expect(result).toEqual({
      structured: { value: null, unit: null, choices: [...lengthUnitNames] },
      text: "The person chose no unit. Do not ask again.",
      isError: false,
    });
  }
});

test("where the app cannot ask, the answer tells the model how to", async () => {
  const { structured, text, isError } = await callTool(chooseUnit, marathon);
  expect(isError).toBe(false);
  expect(structured).toMatchObject({ value: null, choices: [...lengthUnitNames] });
  expect(text).toMatch(/^Ask the person which unit, and call again with it as to: millimetre, /);
});

test("there and back again is the same length, between any two units", async () => {
  for (const from of lengthUnitNames) {
    for (const to of lengthUnitNames) {
      const there = await callTool(chooseUnit, { value: 7, from, to });
      const back = await callTool(chooseUnit, {
        value: there.structured?.value,
        from: to,
        to: from,
      });
      expect(back.structured?.value, `${from} and ${to}`).toBeCloseTo(7, 9);
    }
  }
});

test("an unknown unit is refused with those that there are", async () => {
  const { isError, text } = await callTool(chooseUnit, { ...marathon, to: "parsec" });
  expect(isError).toBe(true);
  expect(text).toMatch(/to: .*"millimetre"\|"centimetre"\|/);
});
