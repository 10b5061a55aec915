import { startStackServer } from "../stack-server.ts";
import type { Tour } from "./tour.ts";

/** A stack that Cloudflare Access should stand in front of, and does not. */
export const accessTour: Tour = {
  name: "of a server that Cloudflare Access should stand in front of",
  stops: ["error-not-behind-access"],
  async start() {
    const server = await startStackServer({
      settings: {
        identityMethod: "access",
        accessTeamDomain: "acme.cloudflareaccess.com",
        accessAudience: "0123456789abcdef".repeat(4),
      },
    });
    return {
      origin: server.origin,
      async walk(page, look) {
        await page.goto(`${server.origin}/connections`);
        await look("error-not-behind-access");
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};
