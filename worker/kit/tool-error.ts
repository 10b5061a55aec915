/** Thrown by a tool for a mistake that the model can correct; its message is what the model reads. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
