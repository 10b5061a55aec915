import { whoami } from "../kit/index.ts";

/** Tells the model on whose behalf it acts, and what it was allowed. */
export default whoami({ scope: "profile:read" });
