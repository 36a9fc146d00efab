import {
  KeyService,
  ListKeysResponseSchema,
} from "../../gen/fleetgate/credential/v1/key_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { printNotes, toColumns } from "../print.ts";
import { show } from "../show.ts";
import { keyHeader, toKeyRow } from "./format-key.ts";

/** Adds `url keys`. */
export const addUrlKeys: AddCommand = (parent, cli) => {
  parent
    .command("keys")
    .description(
      "List the keys that sign URLs and assertions and that find tokens of forges, and how many replicas hold each. For administrators.",
    )
    .addHelpText("after", examples(["which one signs?", "fleetgate url keys"]))
    .action(
      cli.action(async () => {
        const response = await withConnection(cli, (connection) =>
          connection.client(KeyService).listKeys({}),
        );
        const { keys } = response;
        const lines = keys.length === 0 ? [] : toColumns([keyHeader, ...keys.map(toKeyRow)]);
        show(cli, ListKeysResponseSchema, response, lines);
        if (keys.length === 0)
          printNotes(cli.io, "no keys: docs/operations.md says how to give some");
        return exitCodes.ok;
      }),
    );
};
