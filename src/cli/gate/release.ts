import {
  GateAreaSchema,
  GateService,
  ReleaseGateResponseSchema,
  type GateArea,
} from "../../gen/fleetgate/credential/v1/gate_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { wordOf } from "../enum-words.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { areaArgument } from "./area-argument.ts";

interface ReleaseOptions {
  readonly holder: string;
}

/** Adds `gate release`. */
export const addGateRelease: AddCommand = (parent, cli) => {
  parent
    .command("release")
    .addArgument(areaArgument())
    .description(
      "Give a gate up for its holder, who is gone: a gate hold that still runs closes it again. That there is none is no error. For administrators.",
    )
    .requiredOption("--holder <holder>", "who holds it, from gate list", filledArgument)
    .addHelpText(
      "after",
      examples([
        "the migration is over, and its machine is gone",
        "fleetgate gate release all --holder db1-4711",
      ]),
    )
    .action(
      cli.action(async (area: GateArea, { holder }: ReleaseOptions) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(GateService).releaseGate({ area, holder }),
        );
        const what = `${wordOf(GateAreaSchema, area)} for ${holder}`;
        show(cli, ReleaseGateResponseSchema, response, [`released ${what}`]);
        return exitCodes.ok;
      }),
    );
};
