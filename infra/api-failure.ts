import { loadCloudflareSdk } from "./cloudflare-sdk.ts";
import { UserError } from "./user-error.ts";

/** Cloudflare's API failed after the SDK's own tries, or its answer was lost. No fault of the stack's. */
export class ApiFailure extends UserError {}

/**
 * Says in words what went wrong if a call of Cloudflare's API failed.
 * @returns undefined for what is not a failure of the API: a mistake of this program's own.
 */
export function toApiFailure(error: unknown): ApiFailure | undefined {
  const { APIConnectionError, APIError } = loadCloudflareSdk();
  // The SDK reads the answer after its last try.
  if (isCutOff(error)) {
    return new ApiFailure(
      "An answer of Cloudflare's API was cut off. What was asked may be done or not: run the same command again.",
    );
  }
  if (!(error instanceof APIError)) return undefined;
  if (error instanceof APIConnectionError) {
    return new ApiFailure(
      `Cloudflare's API could not be reached: ${error.message} Run the same command again.`,
    );
  }
  const said = error.errors.map(({ code, message }) => `${message} (${code})`).join("; ");
  return new ApiFailure(
    `Cloudflare's API answered ${error.status}${said && `: ${said}`}. Run the same command again in a few minutes.`,
  );
}

/** JSON that ends early; or a body whose connection was lost, which fetch calls a TypeError with the socket's error in it. */
function isCutOff(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  if (!(error instanceof TypeError)) return false;
  const { cause } = error;
  return cause instanceof Error && "code" in cause;
}
