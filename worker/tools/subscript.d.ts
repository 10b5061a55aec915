/** The parser core of `subscript`, whose package declares types for its main entry only. */
declare module "subscript/parse" {
  /** An identifier, a literal (`[undefined, value]`) or an operation (`[operator, ...operands]`). */
  export type Node = string | readonly Part[];
  /** The members of a node; null if an operand is missing. */
  export type Part = Node | number | null | undefined;
  /** Reads an operator: the node before it in, the node with it out; nothing if it is not one. */
  type Reader = (before: Node | undefined) => Node | false | undefined;

  /** @throws SyntaxError that says where. */
  export function parse(text: string): Node | "";
  export function expr(precedence: number, end?: number): Node | undefined;
  export function token(operator: string, precedence: number, read: Reader): void;
  export function binary(operator: string, precedence: number, isRight?: boolean): void;
  export function unary(operator: string, precedence: number, isPostfix?: boolean): void;
  export function nary(operator: string, precedence: number): void;
  export function group(operator: string, precedence: number): void;
  export function access(operator: string, precedence: number): void;
}
/** Registers decimal numbers. */
declare module "subscript/feature/number.js";
