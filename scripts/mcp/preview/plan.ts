/** Plans of an account at Cloudflare. */
export const planNames = ["free", "paid"] as const;

/** A plan of an account. */
export type Plan = (typeof planNames)[number];
