import { setTimeout as wait } from "node:timers/promises";
import { type Check, failed, notChecked, ok, warning } from "../check.ts";
import { showToken } from "./ask.ts";
import { explainOAuthError, readRefusal } from "./explain.ts";
import { refreshTokens, revokeToken } from "./login.ts";
import { findLiveLogin, readLogin } from "./refresh-checks.ts";
import type { Signer } from "./sign-in/index.ts";
import { stateOf } from "./state.ts";

export interface RevokeOptions {
  /**
   * Milliseconds in which an access token must be refused. Default: 75 seconds, as Workers KV shows a
   * removal within 60.
   */
  readonly revocationLimit?: number;
}

/** Milliseconds between two looks: short at first, as most servers act at once. */
const looks = { first: 100, longest: 5_000 };

export function createRevokeChecks(signer: Signer, options: RevokeOptions): readonly Check[] {
  const { revocationLimit = 75_000 } = options;
  return [
    {
      id: "revoke",
      timeLimit: signer.timeLimit,
      title: "A client can give its tokens back, and they refresh no more",
      runbook: "ended-but-works",
      async run(examination) {
        const login = readLogin(examination);
        if (examination.learned.serverMetadata?.revocation_endpoint === undefined) {
          return notChecked("The metadata names no revocation_endpoint (RFC 7009).");
        }
        if (login.tokens.refreshToken !== undefined && !stateOf(examination).canRefresh) {
          return notChecked("No refresh works, so a revocation changes nothing that can be seen.");
        }
        const { tokens } = await findLiveLogin(examination, signer);
        const { accessToken, refreshToken } = tokens;
        try {
          await revokeToken(examination, refreshToken ?? accessToken);
        } catch (error) {
          const said = explainOAuthError(error);
          return failed(
            `The revocation was answered ${said}.`,
            "Answer 200 to every revocation of a client's own token (RFC 7009 section 2.2).",
          );
        }
        if (refreshToken === undefined) return ok("The access token was given back.");
        try {
          await refreshTokens(examination, refreshToken);
        } catch (error) {
          const refusal = readRefusal(error);
          if (refusal?.code === "invalid_grant") return ok("The refresh token is refused at once.");
          const said = explainOAuthError(error);
          return failed(
            `A refresh token that was given back got ${said}, not 400 invalid_grant.`,
            "Answer invalid_grant (RFC 6749 section 5.2): clients start over on it.",
          );
        }
        return failed(
          "A refresh token that was given back still gives tokens.",
          "End it before the revocation is answered (RFC 7009 section 2).",
        );
      },
    },
    {
      id: "revoke-effect",
      title: "The endpoint refuses a token that was given back",
      runbook: "ended-but-works",
      needs: ["token-opens", "revoke"],
      timeLimit: revocationLimit + 15_000,
      async run(examination) {
        const { accessToken } = readLogin(examination).tokens;
        const started = performance.now();
        const since = () => performance.now() - started;
        for (let pause = looks.first; ; pause = Math.min(pause * 2, looks.longest)) {
          const { status } = await showToken(examination, examination.endpoints.mcp, accessToken);
          if (status === 401) {
            const seconds = Math.round(since() / 1000);
            return ok(
              seconds === 0 ? "It is refused at once." : `It is refused after ${seconds} seconds.`,
            );
          }
          if (since() + pause > revocationLimit) break;
          await wait(pause);
        }
        return warning(
          `The access token still opens the endpoint ${Math.round(since() / 1000)} seconds after it was given back.`,
          "Set strictRevocation to have each call ask, or make access tokens shorter (accessTokenLifetime).",
        );
      },
    },
  ];
}
