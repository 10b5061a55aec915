/** The identity method of people for whom a company signs an assertion: `worker/oauth/company/` lets them in. */
export const enterpriseMethod = "enterprise";
