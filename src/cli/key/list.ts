import { create } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import {
  ApiKeyService,
  ApiKeyServiceListResponseSchema,
  type ApiKey,
  type ApiKeyServiceListResponse,
} from "../../gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { allPages } from "../all-pages.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { plain, printList, printMessage, printNotes, toColumns } from "../print.ts";

interface ListOptions {
  readonly identity?: string;
  readonly all?: boolean;
}

/** Adds `key list`. */
export const addKeyList: AddCommand = (parent, cli) => {
  parent
    .command("list")
    .description("List the API keys, without their secrets.")
    .option("--identity <identity>", "only the keys of this identity", filledArgument)
    .option("--all", "revoked and expired keys as well")
    .addHelpText(
      "after",
      examples(
        ["all keys that work", "fleetgate key list"],
        ["those of one service", "fleetgate key list --identity service:scheduler --all"],
      ),
    )
    .action(
      cli.action(async (options: ListOptions) => {
        const response = await withConnection(cli, (connection) =>
          listAll(connection.client(ApiKeyService), options),
        );
        if (cli.globals().json) {
          printMessage(cli.io, ApiKeyServiceListResponseSchema, response);
        } else if (response.apiKeys.length === 0) {
          printNotes(cli.io, "no keys");
        } else {
          const header = ["ID", "IDENTITY", "STATE", "CREATED", "LAST USED", "DESCRIPTION"];
          printList(cli.io, toColumns([header, ...response.apiKeys.map(toRow)]));
        }
        return exitCodes.ok;
      }),
    );
};

async function listAll(
  client: Client<typeof ApiKeyService>,
  { identity = "", all = false }: ListOptions,
): Promise<ApiKeyServiceListResponse> {
  const pages = await allPages((pageToken) =>
    client.list({ pageSize: 1000, pageToken, identity, showEnded: all }),
  );
  return create(ApiKeyServiceListResponseSchema, {
    apiKeys: pages.flatMap(({ apiKeys }) => apiKeys),
    revisionToken: pages.at(-1)?.revisionToken ?? "",
  });
}

function toRow(key: ApiKey): readonly string[] {
  return [
    plain(key.id),
    plain(key.identity),
    formatState(key),
    formatTime(key.createdAt, "-"),
    formatTime(key.lastUsedAt, "never"),
    plain(key.description),
  ];
}

/** When the key ends or ended. Whether that time has passed is for the server's clock, not for ours, to say. */
export function formatState(key: ApiKey): string {
  if (key.revokedAt !== undefined) return `revoked ${formatTime(key.revokedAt, "")}`;
  if (key.expiresAt === undefined) return "never expires";
  return `expires ${formatTime(key.expiresAt, "")}`;
}
