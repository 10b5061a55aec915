import type { EdgeMethod } from "./identity.ts";

export const access: EdgeMethod = {
  kind: "edge",
  name: "access",
  signOutPath: "/cdn-cgi/access/logout",
  async read() {
    return undefined;
  },
};
