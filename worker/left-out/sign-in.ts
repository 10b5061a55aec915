/** Replaces each way to sign in that is not the stack's. */
import * as z from "zod";
import { type MethodDeclaration, usual } from "../identity/declaration.ts";
import { leftOut, refusal } from "./left-out.ts";

/** No value satisfies its one setting, so the Worker does not start with this method. */
export const declaration: MethodDeclaration = {
  ...usual,
  settings: { leftOut: z.never({ error: refusal("this way to sign in") }) },
};

export const method = { kind: "left out", name: "left out", signIn: leftOut };
