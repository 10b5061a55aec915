/// <reference path="./subscript.d.ts" />
import {
  access,
  binary,
  expr,
  group,
  type Node,
  nary,
  type Part,
  parse,
  token,
  unary,
} from "subscript/parse";
import "subscript/feature/number.js";
import { ToolError } from "../kit/index.ts";

/** Characters of an expression at most: what bounds the time it takes. */
export const longestExpression = 500;

/** Largest whole number whose factorial a 64-bit float can hold. */
const largestFactorial = 170;

/** Names of values. */
export const constants: Readonly<Record<string, number>> = {
  pi: Math.PI,
  e: Math.E,
  tau: 2 * Math.PI,
  phi: (1 + Math.sqrt(5)) / 2,
};

/** Functions of one number that are JavaScript's own. */
const ofOneNumber = [
  "abs",
  "sqrt",
  "exp",
  "log10",
  "log2",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "floor",
  "ceil",
  "trunc",
  "sign",
] as const;

/** A function, and how many arguments it takes at least and at most. */
type Known = readonly [least: number, most: number, run: (...args: number[]) => number];

const functions: Readonly<Record<string, Known>> = {
  ...Object.fromEntries(ofOneNumber.map((name): [string, Known] => [name, [1, 1, Math[name]]])),
  ln: [1, 1, Math.log],
  round: [1, 2, (x, digits = 0) => Math.round(x * 10 ** digits) / 10 ** digits],
  min: [1, 50, Math.min],
  max: [1, 50, Math.max],
  hypot: [1, 50, Math.hypot],
  gcd: [2, 2, findGreatestDivisor],
};

/** Names of the functions, for people and models. */
export const functionNames = Object.keys(functions);

/*
 * The whole language: what is not registered here cannot be said. No assignment, no property, no
 * string, no loop. Precedences rise with how tightly an operator binds: -2^2 is -4, and 2^-1 is 0.5.
 */
nary(",", 10);
binary("+", 110);
binary("-", 110);
binary("*", 120);
binary("/", 120);
binary("%", 120);
for (const sign of ["+", "-"]) {
  token(sign, 200, (before) => {
    const operand = before === undefined ? expr(139) : undefined;
    return operand !== undefined && [sign, operand];
  });
}
binary("^", 150, true);
unary("!", 160, true);
access("()", 170);
group("()", 170);

/**
 * The value of an arithmetic expression.
 * @throws ToolError that says what is wrong and where.
 */
export function evaluate(text: string): number {
  if (text.length > longestExpression) {
    throw new ToolError(
      `The expression has ${text.length} characters; ${longestExpression} are allowed. Split it.`,
    );
  }
  const value = compute(read(text));
  if (Number.isFinite(value)) return value;
  const reason = Number.isNaN(value)
    ? "has no real value (as 0/0 or sqrt(-1))"
    : "is too large for a 64-bit float, or divides by zero";
  throw new ToolError(`The expression ${reason}. Change it.`);
}

function read(text: string): Node {
  try {
    const node = parse(text);
    if (node !== "") return node;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [where = ""] = error.message.split("\n");
    throw new ToolError(`The expression cannot be read: ${where}. Example: 2 * (3 + 4)^2`);
  }
  throw new ToolError("The expression is empty. Example: 2 * (3 + 4)^2");
}

function compute(node: Part): number {
  if (typeof node === "string") return findConstant(node);
  if (typeof node !== "object" || node === null) throw incomplete();
  const [operator, left, right] = node;
  if (operator === undefined) return Number(left);
  switch (operator) {
    case "+":
      return node.length === 2 ? compute(left) : compute(left) + compute(right);
    case "-":
      return node.length === 2 ? -compute(left) : compute(left) - compute(right);
    case "*":
      return compute(left) * compute(right);
    case "/":
      return compute(left) / compute(right);
    case "%":
      return compute(left) % compute(right);
    case "^":
      return compute(left) ** compute(right);
    case "!":
      return findFactorial(compute(left));
    case "()":
      return node.length === 2 ? compute(left) : call(left, right);
    default:
      throw incomplete();
  }
}

function call(name: Part, given: Part): number {
  const known =
    typeof name === "string" && Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (known === undefined) {
    const called = typeof name === "string" ? `"${name}"` : "This";
    throw new ToolError(`${called} is no function. There are: ${functionNames.join(", ")}.`);
  }
  const isList = typeof given === "object" && given?.[0] === ",";
  const args = given === null ? [] : isList ? given.slice(1) : [given];
  const [least, most, run] = known;
  if (args.length < least || args.length > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    throw new ToolError(`Arguments of ${name}: ${wanted} wanted, ${args.length} given. Change it.`);
  }
  return run(...args.map(compute));
}

function findConstant(name: string): number {
  const value = Object.hasOwn(constants, name) ? constants[name] : undefined;
  if (value !== undefined) return value;
  throw new ToolError(
    `"${name}" has no value. There are: ${Object.keys(constants).join(", ")}. Write multiplication as 2 * pi.`,
  );
}

function findFactorial(n: number): number {
  if (!Number.isInteger(n) || n < 0 || n > largestFactorial) {
    throw new ToolError(
      `A factorial is of a whole number from 0 to ${largestFactorial}. Change it.`,
    );
  }
  let product = 1;
  for (let factor = 2; factor <= n; factor++) product *= factor;
  return product;
}

function findGreatestDivisor(a: number, b: number): number {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) {
    throw new ToolError("gcd is of whole numbers. Change it.");
  }
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

function incomplete(): ToolError {
  return new ToolError("The expression is incomplete. Example: 2 * (3 + 4)^2");
}
