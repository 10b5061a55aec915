import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { OutboundRequest } from "../../scripts/runtime/runtime.ts";
import { SigningKey } from "./signing-key.ts";

/** Paths that the Access application covers. Everything else is open, or no MCP client could connect. */
const covered = /^\/(authorize|connections)/;

const cookieName = "CF_Authorization";

/**
 * Cloudflare Access in front of a Worker, as a person and the Worker meet it: who is not signed in is
 * redirected to the team's login, who is has a cookie, and the Worker gets the token in a header of
 * its own, whatever the browser sends there.
 */
export class AccessProxy implements AsyncDisposable {
  readonly teamDomain = "acme.cloudflareaccess.com";
  readonly audience = randomBytes(32).toString("hex");
  /** Keys that the team has now; the first one signs. */
  keys = [new SigningKey("access-1")];
  /** Whether the team's keys can be had. */
  areKeysServed = true;
  /** Port of the server behind it. */
  target = 0;
  /** Groups of a person at their identity provider, by address. */
  groups: Readonly<Record<string, readonly unknown[]>> = {};
  readonly #server = createServer((incoming, outgoing) => this.#handle(incoming, outgoing));

  static async start(): Promise<AccessProxy> {
    const proxy = new AccessProxy();
    proxy.#server.listen(0, "localhost");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What Access says of a person, with some of it changed. */
  makeToken(email: string, changes: object = {}, key = this.keys[0]): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      type: "app",
      aud: [this.audience],
      iss: `https://${this.teamDomain}`,
      sub: `id-of-${email}`,
      email,
      iat: now,
      nbf: now,
      exp: now + 3600,
      identity_nonce: "n",
      country: "GB",
      ...changes,
    };
    if (key === undefined) throw new Error("The team has no key.");
    return key.sign(claims);
  }

  /** Signs in at the team's login page. @returns where the browser is sent back to. */
  signIn(url: URL, email: string): URL {
    if (url.host !== this.teamDomain) throw new Error(`The person was sent to ${url}`);
    const back = new URL("/cdn-cgi/access/authorized", this.origin);
    const to = url.searchParams.get("redirect_url") ?? "";
    back.search = new URLSearchParams({ token: this.makeToken(email), to }).toString();
    return back;
  }

  /** What the Worker's requests go to. */
  readonly outbound = (target: string, { headers }: Pick<OutboundRequest, "headers">): Response => {
    if (target === `https://${this.teamDomain}/cdn-cgi/access/get-identity`) {
      const token = new RegExp(`${cookieName}=([^;]+)`).exec(headers.get("cookie") ?? "")?.[1];
      const payload = Buffer.from(token?.split(".")[1] ?? "", "base64url").toString();
      if (token === undefined) return Response.json({ err: "no app token set" }, { status: 400 });
      const { email } = JSON.parse(payload) as { email: string };
      return Response.json({ email, idp: { type: "okta" }, groups: this.groups[email] ?? [] });
    }
    if (target !== `https://${this.teamDomain}/cdn-cgi/access/certs`) {
      throw new Error(`The Worker asked ${target}`);
    }
    if (!this.areKeysServed) return new Response("down", { status: 503 });
    const keys = this.keys.map(({ publicKey }) => publicKey);
    return Response.json({ keys, public_cert: {}, public_certs: [] });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const url = new URL(incoming.url ?? "/", this.origin);
    const token = new RegExp(`${cookieName}=([^;]+)`).exec(incoming.headers.cookie ?? "")?.[1];
    const turnTo = (location: string, cookie?: string) => {
      const setCookie = cookie && { "set-cookie": `${cookieName}=${cookie}; Path=/; HttpOnly` };
      outgoing.writeHead(302, { location, ...setCookie }).end();
    };
    if (url.pathname === "/cdn-cgi/access/authorized") {
      turnTo(url.searchParams.get("to") ?? "/", url.searchParams.get("token") ?? "");
    } else if (url.pathname === "/cdn-cgi/access/logout") {
      turnTo("/", "; Max-Age=0");
    } else if (covered.test(url.pathname) && token === undefined) {
      const login = new URL(`https://${this.teamDomain}/cdn-cgi/access/login/example`);
      login.searchParams.set("redirect_url", `${url.pathname}${url.search}`);
      turnTo(login.href);
    } else {
      this.#forward(incoming, outgoing, covered.test(url.pathname) ? token : undefined);
    }
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse, token: string | undefined): void {
    const { "cf-access-jwt-assertion": _, ...headers } = incoming.headers;
    const forwarded = request({
      host: "localhost",
      port: this.target,
      method: incoming.method,
      path: incoming.url,
      headers: { ...headers, ...(token !== undefined && { "cf-access-jwt-assertion": token }) },
    });
    forwarded.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  }
}
