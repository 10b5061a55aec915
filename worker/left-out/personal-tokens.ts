/** Replaces personal tokens. */
import type * as real from "../oauth/personal-tokens/way-in.ts";
import { leftOut } from "./left-out.ts";

export const isPersonalToken: typeof real.isPersonalToken = () => false;
export const checkPersonalToken: typeof real.checkPersonalToken = leftOut;
export const explainPersonalToken: typeof real.explainPersonalToken = leftOut;
export const createManageHandler: typeof real.createManageHandler = leftOut;
export const showTokenForm: typeof real.showTokenForm = leftOut;
export const makeToken: typeof real.makeToken = leftOut;
export const renewPerson: typeof real.renewPerson = async () => undefined;
