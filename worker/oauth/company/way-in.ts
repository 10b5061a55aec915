/**
 * All that the rest of the Worker calls of companies, but for the part of a page (`blocked.ts`), which Node cannot
 * load: `admin` does load this. A bundle without them has `worker/left-out/` instead.
 */
export { answerCompany } from "./answer.ts";
export type { CompanyRequest } from "./authenticate.ts";
export { type CompanyGrant, isBeforeAllowance, readGrantStart, renewRecord } from "./grant.ts";
export { addCompanyGrant } from "./metadata.ts";
export { checkCompanyToken, explainCompanyToken, isCompanyToken } from "./token.ts";
