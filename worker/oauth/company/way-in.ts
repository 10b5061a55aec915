/**
 * Everything about companies that the rest of the Worker calls, except for the part of a page (`blocked.ts`): `admin`
 * loads this file, and Node cannot load a page. A bundle without them has `worker/left-out/` instead.
 */
export { answerCompany } from "./answer.ts";
export type { CompanyRequest } from "./authenticate.ts";
export { type CompanyGrant, isBeforeAllowance, readGrantStart, renewRecord } from "./grant.ts";
export { addCompanyGrant } from "./metadata.ts";
export { checkCompanyToken, explainCompanyToken, isCompanyToken } from "./token.ts";
