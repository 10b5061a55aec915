import { exportMyData } from "../kit/index.ts";

/** Gives a person everything that is kept for them. */
export default exportMyData({ scope: "memory:read", keeps: "remembered values and history" });
