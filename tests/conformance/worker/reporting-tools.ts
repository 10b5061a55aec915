import { defineFixtureTool } from "./fixture-tool.ts";

/** Milliseconds between two reports, so that each is a message of its own. */
const pause = 50;

const wait = () => new Promise<void>((resolve) => setTimeout(resolve, pause));

/** Tools that tell the client something while they work. */
export const reportingTools = [
  defineFixtureTool({
    name: "test_tool_with_logging",
    description: "Logs three messages.",
    async run(_args, context) {
      await context.log("info", "Tool execution started");
      await wait();
      await context.log("info", "Tool processing data");
      await wait();
      await context.log("info", "Tool execution completed");
      return "Logged three messages.";
    },
  }),
  defineFixtureTool({
    name: "test_tool_with_progress",
    description: "Reports progress three times.",
    async run(_args, context) {
      for (const done of [0, 50, 100]) {
        await context.progress(done, 100);
        await wait();
      }
      return "Reported progress three times.";
    },
  }),
  defineFixtureTool({
    name: "test_logging_tool",
    description: "Logs one message, which a client must not get unless it asked for a level.",
    async run(_args, context) {
      await context.log("info", "A message that needs a level");
      return "Logged one message.";
    },
  }),
];
