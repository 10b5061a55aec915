import { deleteMyData } from "../kit/index.ts";

/** Deletes everything that is kept for a person, after they said yes. */
export default deleteMyData({ scope: "memory:write", keeps: "remembered values and history" });
