import { completable } from "@modelcontextprotocol/server";
import * as z from "zod";
import { definePrompt } from "../kit/index.ts";

const audiences = ["a child", "a student", "an engineer"];

/** Has a model solve a problem step by step, with the tools. */
export default definePrompt({
  name: "explain-steps",
  title: "Explain step by step",
  description: "Solves a problem step by step, with each step calculated by the tools.",
  scope: "math:use",
  args: z.object({
    problem: z.string().min(1).max(2000).describe("What to solve"),
    // The SDK looks for the completion inside of what may be left out.
    audience: completable(z.string().max(100), (typed) =>
      audiences.filter((audience) => audience.startsWith(typed)),
    )
      .optional()
      .describe("Who reads it, such as a student"),
  }),
  write({ problem, audience = "a student" }) {
    const text = `Solve this for ${audience}, step by step. Say what each step does and why, and calculate it with the tool calculate instead of in your head. End with the result alone on a line.\n\n${problem}`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});
