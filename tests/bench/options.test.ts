import { expect, test } from "vitest";
import { chooseWork, readOptions } from "./options.ts";

const known = { figures: ["calls", "login"], contestants: ["ours", "plain"] };

test("without options everything is measured in five rounds, judged and kept", () => {
  expect(readOptions([], known)).toEqual({
    only: ["calls", "login"],
    contestants: ["ours", "plain"],
    rounds: 5,
    isWhole: true,
    isKept: true,
    isProfile: false,
    rest: [],
  });
});

test("a part of it is not judged, and kept only when that is asked for", () => {
  for (const part of ["--only=login", "--contestants=ours", "--rounds=4"]) {
    expect(readOptions([part], known)).toMatchObject({ isWhole: false, isKept: false });
    expect(readOptions([part, "--keep"], known)).toMatchObject({ isWhole: false, isKept: true });
  }
  expect(readOptions(["--only", "login, calls"], known).only).toEqual(["calls", "login"]);
});

test("a profile is of calls, or of logins where only these are asked for", () => {
  const choose = (...args: string[]) => chooseWork(readOptions(["--profile", ...args], known));
  expect([choose(), choose("--only=login"), choose("--only=calls")]).toEqual([
    "call",
    "login",
    "call",
  ]);
});

test("a name that is none, a number that is none and an unknown option are refused by name", () => {
  expect(() => readOptions(["--only", "calls,speed"], known)).toThrow(
    '--only "speed" is not known. Choose among calls, login.',
  );
  expect(() => readOptions(["--contestants", "theirs"], known)).toThrow(/--contestants "theirs"/);
  for (const rounds of ["0", "1.5", "many"]) {
    expect(() => readOptions(["--rounds", rounds], known)).toThrow(`--rounds ${rounds} is no`);
  }
  expect(() => readOptions(["--fast"], known)).toThrow(/--fast/);
});
