import {
  GateAreaSchema,
  GateService,
  ListGatesResponseSchema,
  type Gate,
} from "../../gen/fleetgate/credential/v1/gate_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { wordOf } from "../enum-words.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { plain, printNotes, toColumns } from "../print.ts";
import { show } from "../show.ts";

/** Adds `gate list`. */
export const addGateList: AddCommand = (parent, cli) => {
  parent
    .command("list")
    .description("List who keeps which methods closed, until when and why. For administrators.")
    .addHelpText("after", examples(["why is this closed?", "fleetgate gate list"]))
    .action(
      cli.action(async () => {
        const response = await withConnection(cli, (connection) =>
          connection.client(GateService).listGates({}),
        );
        const { gates } = response;
        const lines = gates.length === 0 ? [] : toColumns([header, ...gates.map(toRow)]);
        show(cli, ListGatesResponseSchema, response, lines);
        if (gates.length === 0) printNotes(cli.io, "no gates: everything is open");
        return exitCodes.ok;
      }),
    );
};

const header = ["AREA", "HOLDER", "SINCE", "UNTIL", "ALONE", "BY", "REASON"];

function toRow(gate: Gate): readonly string[] {
  const { area, holder, acquiredAt, leaseUntil, exclusive, acquiredBy, reason } = gate;
  const times = [formatTime(acquiredAt, "-"), formatTime(leaseUntil, "-")];
  const who = [exclusive ? "yes" : "no", plain(acquiredBy), plain(reason)];
  return [wordOf(GateAreaSchema, area), plain(holder), ...times, ...who];
}
