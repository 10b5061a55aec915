import { UserError } from "../../errors.ts";

/**
 * Looks at the account, and says in words what went wrong there. What a token lacks is said already.
 * @throws UserError where the API fails or does not answer.
 */
export async function explainApi<Answer>(look: () => Promise<Answer>): Promise<Answer> {
  try {
    return await look();
  } catch (error) {
    const { APIConnectionError, APIError } = await import("cloudflare");
    if (error instanceof APIConnectionError) {
      throw new UserError(
        `Cloudflare's API does not answer: ${error.message} Nothing was changed. Run the same command again.`,
      );
    }
    if (!(error instanceof APIError)) throw error;
    const said = error.errors.map(({ code, message }) => `${message} (${code})`).join("; ");
    throw new UserError(
      `Cloudflare's API answered ${error.status}${said && `: ${said}`}. Nothing was changed. Run the same command again in a few minutes.`,
    );
  }
}
