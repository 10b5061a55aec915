import type { Command } from "commander";

/** A command's module: its options, its help and what it does. */
interface CommandModule {
  createCommand(): Command;
}

/** Every command: what it is for, and its module, which only a call of the command loads. */
export const commands: Readonly<
  Record<string, readonly [summary: string, load: () => Promise<CommandModule>]>
> = {
  connect: ["put the server into a client's configuration", () => import("./connect.ts")],
  call: ["call a tool from the shell", () => import("./call.ts")],
  list: ["what a server offers: tools, resources, prompts", () => import("./list.ts")],
  read: ["read a resource", () => import("./read.ts")],
  prompt: ["fill in a prompt", () => import("./prompt.ts")],
  token: ["make, list and end tokens for programs without a browser", () => import("./token.ts")],
  doctor: ["what a client will meet at a server, seen from outside", () => import("./doctor.ts")],
  trace: ["from a deployed Worker's log to lines of the source", () => import("./trace.ts")],
  deploy: ["deploy a stack, and go back if doctor fails", () => import("./deploy.ts")],
  admin: ["see and end who has access; clean up", () => import("./admin.ts")],
  preview: ["environments of pull requests, which come and go", () => import("./preview.ts")],
  drift: ["where the account differs from a stack", () => import("./drift.ts")],
  destroy: ["delete a stack, after saying what is lost for good", () => import("./destroy.ts")],
  adopt: ["bring a Worker that wrangler made under a stack", () => import("./adopt.ts")],
  completion: ["completion for your shell", () => import("./completion.ts")],
  complete: ["answers the shell at each tab", () => import("./complete.ts")],
};

export const shellCommands: ReadonlySet<string> = new Set(["completion", "complete"]);
