import {
  ActivateKeyResponseSchema,
  KeyService,
} from "../../gen/fleetgate/credential/v1/key_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";
import { formatKeyState } from "./format-key.ts";
import { purposeOption, type KeyOptions } from "./purpose-option.ts";

/** Adds `url activate-key`. */
export const addUrlActivateKey: AddCommand = (parent, cli) => {
  parent
    .command("activate-key")
    .argument("<key>", "its id, from url keys", filledArgument)
    .description(
      "Make a key the one that signs; the one before verifies as long as something that it signed may live. For administrators.",
    )
    .addOption(purposeOption())
    .option("--force", "even if a replica does not have it")
    .addHelpText(
      "after",
      examples(["every replica has the new one", "fleetgate url activate-key url-2 --purpose url"]),
    )
    .action(
      cli.action(async (keyId: string, { purpose, force = false }: KeyOptions) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(KeyService).activateKey({ purpose, keyId, force }),
        );
        const { key } = response;
        const lines = key === undefined ? [] : [`key ${plain(key.keyId)}: ${formatKeyState(key)}`];
        show(cli, ActivateKeyResponseSchema, response, lines);
        return exitCodes.ok;
      }),
    );
};
