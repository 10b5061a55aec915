import { type RedirectMethod, UpstreamError } from "./identity.ts";

export const github: RedirectMethod = {
  kind: "redirect",
  name: "github",
  describe: () => "github",
  async begin() {
    throw new UpstreamError("invalid", "not built");
  },
  async finish() {
    throw new UpstreamError("invalid", "not built");
  },
};
