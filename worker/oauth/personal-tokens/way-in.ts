/**
 * Everything about personal tokens that the rest of the Worker calls. A bundle without them has `worker/left-
 * out/` instead.
 */
export { checkPersonalToken } from "./check.ts";
export { explainPersonalToken, isPersonalToken } from "./format.ts";
export { makeToken, showTokenForm } from "./make-token.ts";
export { createManageHandler } from "./manage.ts";
export { renewPerson } from "./sign-in-age.ts";
