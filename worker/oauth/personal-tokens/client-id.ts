/**
 * Client id of the grants of personal tokens, which no app can have: the person is their own client. A call
 * has it followed by the grant, so that two tokens of a person share no session.
 */
export const personalClientId = "personal-token";

/** Whether a call came with a personal token. @param clientId of the call. */
export function isPersonal(clientId = ""): boolean {
  return clientId.startsWith(`${personalClientId}:`);
}
