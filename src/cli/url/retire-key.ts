import {
  KeyService,
  RetireKeyResponseSchema,
} from "../../gen/fleetgate/credential/v1/key_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";
import { formatKeyState } from "./format-key.ts";
import { purposeOption, type KeyOptions } from "./purpose-option.ts";

/** Adds `url retire-key`. */
export const addUrlRetireKey: AddCommand = (parent, cli) => {
  parent
    .command("retire-key")
    .argument("<key>", "its id, from url keys", filledArgument)
    .description(
      "End a key at once: nothing that it signed is accepted any more. For administrators.",
    )
    .addOption(purposeOption())
    .option(
      "--force",
      "even if it is the one that signs: then nothing is signed until another one does",
    )
    .addHelpText(
      "after",
      examples([
        "it leaked, and another one signs",
        "fleetgate url retire-key url-1 --purpose url",
      ]),
    )
    .action(
      cli.action(async (keyId: string, { purpose, force = false }: KeyOptions) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(KeyService).retireKey({ purpose, keyId, force }),
        );
        const { key } = response;
        const lines = key === undefined ? [] : [`key ${plain(key.keyId)}: ${formatKeyState(key)}`];
        show(cli, RetireKeyResponseSchema, response, lines);
        return exitCodes.ok;
      }),
    );
};
