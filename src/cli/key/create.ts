import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  ApiKeyService,
  ApiKeyServiceCreateResponseSchema,
  type ApiKeyServiceCreateRequestSchema,
  type ApiKeyServiceCreateResponse,
} from "../../gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { formatBearerHeader } from "../header-file.ts";
import { plain, printLines, printMessage, printNotes } from "../print.ts";
import { createSecretFile } from "../write-output-file.ts";
import { bootstrap } from "./bootstrap.ts";
import { checkCreateOptions, withCreateOptions, type CreateOptions } from "./create-options.ts";
import { formatState } from "./list.ts";

/** Adds `key create`. */
export const addKeyCreate: AddCommand = (parent, cli) => {
  withCreateOptions(parent.command("create"))
    .description(
      "Make an API key and show its token once: on standard output, or with --out in a new header file for --header-file, curl -H @FILE and buf curl -H @FILE.",
    )
    .addHelpText(
      "after",
      examples(
        [
          "a key for a service, into a header file",
          "fleetgate key create --identity service:scheduler --ttl 30d --out scheduler.header",
        ],
        [
          "the first administrator of a new database",
          "fleetgate key create --bootstrap --identity user:ann@example.com --out admin.header",
        ],
        [
          "the administrators lost their keys",
          'fleetgate key create --bootstrap --break-glass --reason "all keys lost" --identity user:ann@example.com --out admin.header',
        ],
      ),
    )
    .action(
      cli.action(async (options: CreateOptions) => {
        checkCreateOptions(options);
        await createKey(cli, options);
        return exitCodes.ok;
      }),
    );
};

async function createKey(cli: Cli, options: CreateOptions): Promise<void> {
  const { bootstrap: direct = false, out } = options;
  const file = out === undefined ? undefined : createSecretFile(out);
  let response: ApiKeyServiceCreateResponse;
  try {
    response = await (direct ? bootstrap(cli, options) : createRemotely(cli, options));
    file?.keep(formatBearerHeader(response.token));
  } catch (error) {
    file?.discard();
    throw error;
  }
  show(cli, response, out);
}

async function createRemotely(
  cli: Cli,
  options: CreateOptions,
): Promise<ApiKeyServiceCreateResponse> {
  const { identity = "", description, ttl, expiry, reason } = options;
  const request: MessageInitShape<typeof ApiKeyServiceCreateRequestSchema> = {
    identity,
    description,
    noExpiry: !expiry,
    reason,
    ...(ttl === undefined ? {} : { ttl: toDuration(ttl) }),
  };
  return withConnection(cli, (connection) => connection.client(ApiKeyService).create(request));
}

function toDuration(milliseconds: number): { readonly seconds: bigint; readonly nanos: number } {
  return {
    seconds: BigInt(Math.floor(milliseconds / 1000)),
    nanos: (milliseconds % 1000) * 1_000_000,
  };
}

function show(cli: Cli, response: ApiKeyServiceCreateResponse, out: string | undefined): void {
  const { apiKey, token, revisionToken } = response;
  if (cli.globals().json) {
    const shown = out === undefined ? response : { apiKey, revisionToken };
    const message = create(ApiKeyServiceCreateResponseSchema, shown as typeof response);
    printMessage(cli.io, ApiKeyServiceCreateResponseSchema, message);
    return;
  }
  const about =
    apiKey === undefined
      ? []
      : [`key ${plain(apiKey.id)} of ${plain(apiKey.identity)}, ${formatState(apiKey)}`];
  printNotes(cli.io, ...about, `revision token: ${revisionToken}`);
  if (out === undefined) {
    printNotes(cli.io, "the token is shown this once:");
    printLines(cli.io, token);
  } else {
    printLines(cli.io, `wrote ${out}`);
  }
}
