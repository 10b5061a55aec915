/** What `pulumi up` runs. All outputs, and none that does not apply: the engine warns of undefined ones. */
import { program } from "./program.ts";

export default await program();
