import { toPlainLine } from "../../plain-text.ts";
import type { Examination } from "./examination.ts";

/** Shortest text that is looked for: a shorter one would strike out harmless words. */
const shortestSecret = 8;

/**
 * Makes the texts of a finding fit for a terminal and a report: no token, secret or password that is
 * known of, and no character that would move a cursor, whatever a server had put into its answer.
 */
export function hideSecrets<Texts extends { readonly reason: string; readonly remedy?: string }>(
  texts: Texts,
  examination: Pick<Examination, "signIn" | "learned">,
): Texts {
  const secrets = listSecrets(examination);
  const clean = (text: string) =>
    toPlainLine(secrets.reduce((shown, secret) => shown.replaceAll(secret, "(secret)"), text));
  return {
    ...texts,
    reason: clean(texts.reason),
    ...(texts.remedy !== undefined && { remedy: clean(texts.remedy) }),
  };
}

function listSecrets({ signIn, learned }: Pick<Examination, "signIn" | "learned">): string[] {
  const { tokens, client } = learned;
  const given =
    signIn.kind === "token"
      ? signIn.token
      : signIn.kind === "probe"
        ? signIn.secret
        : signIn.kind === "demo"
          ? signIn.password
          : undefined;
  return [given, tokens?.accessToken, tokens?.refreshToken, client?.clientSecret].filter(
    (secret) => secret !== undefined && secret.length >= shortestSecret,
  ) as string[];
}
