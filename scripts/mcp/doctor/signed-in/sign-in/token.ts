/** Why a line that signs in, refreshes or revokes could not be looked at with a token that was given. */
export function explainToken(): string {
  return "A token was given, so nothing signed in; the token is yours and stays as it is.";
}
