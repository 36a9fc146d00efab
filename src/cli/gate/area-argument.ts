import { Argument } from "commander";
import { GateAreaSchema } from "../../gen/fleetgate/credential/v1/gate_service_pb.ts";
import { enumArgument, wordsOf } from "../enum-words.ts";

/** The area of a gate. */
export function areaArgument(): Argument {
  return new Argument("<area>", `what it closes: ${wordsOf(GateAreaSchema).join(", ")}`).argParser(
    enumArgument(GateAreaSchema),
  );
}
