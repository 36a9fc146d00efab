import { serveParent } from "../children.ts";
import { measureFleet, type EngineTask } from "./measure.ts";

// One fleet a process: what one leaves behind in the heap and in the compiler does not reach the next.
serveParent((task) => measureFleet(task as EngineTask));
