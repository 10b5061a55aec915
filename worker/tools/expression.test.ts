import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyCharacter } from "../../tests/support/any-character.ts";
import { ToolError } from "../kit/index.ts";
import { constants, evaluate, functionNames, longestExpression } from "./expression.ts";

type Operator = "+" | "-" | "*" | "/" | "%" | "^";

/** An expression as a tree: how it nests is certain, whatever the parser thinks. */
type Tree = number | { readonly sign: Tree } | readonly [Operator, Tree, Tree];

/** How tightly each binds, as every schoolbook says; a sign stands between product and power. */
const tightness: Readonly<Record<Operator, number>> = {
  "+": 1,
  "-": 1,
  "*": 2,
  "/": 2,
  "%": 2,
  "^": 4,
};
const tightnessOfSign = 3;
const tightnessOfNumber = 5;

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(fc.nat(99), fc.double({ min: 0, max: 1e6, noNaN: true })),
    fc.record({ sign: tie("tree") }),
    fc.tuple(fc.constantFrom<Operator>("+", "-", "*", "/", "%", "^"), tie("tree"), tie("tree")),
  ),
}));

/** Written with no more parentheses than it takes. */
function write(node: Tree): string {
  if (typeof node === "number") return String(node);
  if ("sign" in node) return `-${wrap(node.sign, tightnessOfSign)}`;
  const [operator, left, right] = node;
  const own = tightness[operator];
  // A power is taken from the right, all others from the left.
  const isPower = operator === "^";
  const first = wrap(left, isPower ? own + 1 : own);
  // A sign may stand on the right of anything: 2^-1.
  const second = isPower && isSign(right) ? write(right) : wrap(right, isPower ? own : own + 1);
  return `${first} ${operator} ${second}`;
}

function wrap(node: Tree, least: number): string {
  return measure(node) < least ? `(${write(node)})` : write(node);
}

function measure(node: Tree): number {
  if (typeof node === "number") return tightnessOfNumber;
  return isSign(node) ? tightnessOfSign : tightness[node[0]];
}

function isSign(node: Tree): node is { readonly sign: Tree } {
  return typeof node === "object" && "sign" in node;
}

/** JavaScript's own arithmetic. */
function compute(node: Tree): number {
  if (typeof node === "number") return node;
  if (isSign(node)) return -compute(node.sign);
  const [operator, left, right] = [node[0], compute(node[1]), compute(node[2])];
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "^":
      return left ** right;
  }
}

test("it computes what JavaScript computes, with the precedences of the schoolbook", () => {
  fc.assert(
    fc.property(tree, (node) => {
      const text = write(node);
      fc.pre(text.length <= longestExpression);
      const expected = compute(node);
      if (Number.isFinite(expected)) expect(evaluate(text), text).toBe(expected);
      else expect(() => evaluate(text), text).toThrow(ToolError);
    }),
    { numRuns: 2000 },
  );
});

test("any text is a number or a mistake that is explained, and nothing else happens", () => {
  const piece = fc.constantFrom(
    ...functionNames,
    ...Object.keys(constants),
    ..."0123456789.,()+-*/%^! eE_$'\"`[]{}=;:?\\",
    "constructor",
    "__proto__",
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join("")),
    fc.string({ unit: anyCharacter, maxLength: 60 }),
  );
  fc.assert(
    fc.property(text, (tried) => {
      try {
        expect(evaluate(tried)).toSatisfy(Number.isFinite);
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
