/** Replaces companies that decide for their people. */
import type * as real from "../oauth/company/way-in.ts";
import { leftOut } from "./left-out.ts";

export const isCompanyToken: typeof real.isCompanyToken = () => false;
export const checkCompanyToken: typeof real.checkCompanyToken = leftOut;
export const explainCompanyToken: typeof real.explainCompanyToken = leftOut;
export const addCompanyGrant: typeof real.addCompanyGrant = (metadata) => metadata;
export const answerCompany: typeof real.answerCompany = leftOut;
export const isBeforeAllowance: typeof real.isBeforeAllowance = leftOut;
export const readGrantStart: typeof real.readGrantStart = leftOut;
export const renewRecord: typeof real.renewRecord = leftOut;
