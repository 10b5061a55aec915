import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { OutboundRequest } from "../../scripts/runtime/runtime.ts";
import { SigningKey } from "./signing-key.ts";

/** What a runner may ask with. */
const requestToken = "request-token-of-this-run";

/**
 * What signs for a run of GitHub Actions which run it is (docs.github.com, "OpenID Connect reference"): for runs an
 * address on loopback, for a Worker an https name that no other machine has.
 */
export class ActionsIssuer implements AsyncDisposable {
  readonly issuer = "https://actions.example.test";
  /** Claims of the run that asks next, beside those that each has. */
  run: Readonly<Record<string, unknown>> = {};
  /** Addresses that the Worker asked for, in order. */
  readonly asked: string[] = [];
  readonly #key = new SigningKey("first");
  readonly #server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    if (request.headers.authorization !== `Bearer ${requestToken}`) response.writeHead(401).end();
    else response.end(JSON.stringify({ value: this.sign(url.searchParams.get("audience") ?? "") }));
  });

  private constructor() {}

  static async start(): Promise<ActionsIssuer> {
    const issuer = new ActionsIssuer();
    issuer.#server.listen(0, "127.0.0.1");
    await once(issuer.#server, "listening");
    return issuer;
  }

  /** What a runner has in its environment. */
  get environment(): Readonly<Record<string, string>> {
    const { port } = this.#server.address() as AddressInfo;
    return {
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
    };
  }

  /** Signs what a push to the branch main of acme/orders is, but for `run`. */
  sign(audience: string): string {
    const now = Math.floor(Date.now() / 1000);
    return this.#key.sign({
      iss: this.issuer,
      aud: audience,
      sub: "repo:acme/orders:ref:refs/heads/main",
      jti: randomUUID(),
      iat: now,
      nbf: now,
      exp: now + 300,
      repository: "acme/orders",
      repository_id: "74",
      repository_owner: "acme",
      ref: "refs/heads/main",
      ref_type: "branch",
      event_name: "schedule",
      run_id: "1",
      ...this.run,
    });
  }

  /** What the Worker's requests go to. */
  readonly outbound = async (url: string, _request: OutboundRequest): Promise<Response> => {
    this.asked.push(url);
    if (url !== `${this.issuer}/.well-known/jwks`) throw new Error(`The Worker asked for ${url}.`);
    return Response.json({ keys: [this.#key.publicKey] });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
