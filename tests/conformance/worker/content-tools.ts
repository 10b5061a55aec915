import { ToolError } from "../../../worker/kit/index.ts";
import { defineFixtureTool } from "./fixture-tool.ts";
import { redPixel, silence } from "./samples.ts";

/** Tools that answer with each kind of content, and one that fails. */
export const contentTools = [
  defineFixtureTool({
    name: "test_simple_text",
    description: "Answers with a text.",
    run: () => "This is a simple text response for testing.",
  }),
  defineFixtureTool({
    name: "test_image_content",
    description: "Answers with a picture.",
    run: () => [{ type: "image", data: redPixel, mimeType: "image/png" }],
  }),
  defineFixtureTool({
    name: "test_audio_content",
    description: "Answers with a sound.",
    run: () => [{ type: "audio", data: silence, mimeType: "audio/wav" }],
  }),
  defineFixtureTool({
    name: "test_embedded_resource",
    description: "Answers with a resource.",
    run: () => [
      {
        type: "resource",
        resource: {
          uri: "test://embedded-resource",
          mimeType: "text/plain",
          text: "This is an embedded resource content.",
        },
      },
    ],
  }),
  defineFixtureTool({
    name: "test_multiple_content_types",
    description: "Answers with a text, a picture and a resource.",
    run: () => [
      { type: "text", text: "Multiple content types test:" },
      { type: "image", data: redPixel, mimeType: "image/png" },
      {
        type: "resource",
        resource: {
          uri: "test://mixed-content-resource",
          mimeType: "application/json",
          text: JSON.stringify({ test: "data", value: 123 }),
        },
      },
    ],
  }),
  defineFixtureTool({
    name: "test_error_handling",
    description: "Fails always.",
    run: () => {
      throw new ToolError("This tool intentionally returns an error for testing");
    },
  }),
];
