import { type RedirectMethod, UpstreamError } from "./identity.ts";

export const oidc: RedirectMethod = {
  kind: "redirect",
  name: "oidc",
  describe: () => "oidc",
  async begin() {
    throw new UpstreamError("invalid", "not built");
  },
  async finish() {
    throw new UpstreamError("invalid", "not built");
  },
};
