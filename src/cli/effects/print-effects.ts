import type { Effects } from "../../gen/fleetgate/admin/v1/effects_pb.ts";
import type { Io } from "../io.ts";
import { printList, printNotes } from "../print.ts";
import { formatEffects } from "./format-effects.ts";

/** Writes the effects that a dry run told; who is no reader is not told any. */
export function printEffects(io: Io, effects: Effects | undefined): void {
  if (effects === undefined) {
    printNotes(io, "the server does not tell you who gains and loses: you are no reader");
  } else {
    printList(io, formatEffects(effects));
  }
}
