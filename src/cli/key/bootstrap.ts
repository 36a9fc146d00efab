import { randomBytes } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  ApiKeyServiceCreateResponseSchema,
  type ApiKeyServiceCreateResponse,
} from "../../gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { toApiKey } from "../../rpc/admin/api-key-message.ts";
import { CliError } from "../cli-error.ts";
import type { Cli } from "../cli.ts";
import { chooseDatabase, withDatabase } from "../database.ts";
import { exitCodes } from "../exit-code.ts";
import type { CreateOptions } from "./create-options.ts";

const inUseHint =
  "if that is a running server: ask it for a key without --bootstrap, with the key of an administrator; or stop it first";

/** Makes the key of an administrator by access to the database alone. */
export async function bootstrap(
  cli: Cli,
  options: CreateOptions,
): Promise<ApiKeyServiceCreateResponse> {
  const { identity = "", description, ttl, expiry, reason, breakGlass = false } = options;
  const choice = await chooseDatabase(cli.io, options);
  const { checkSchema } = await import("../../storage/migrate.ts");
  const { AdministratorExistsError, bootstrapKey } =
    await import("../../commands/bootstrap-key.ts");
  const created = await withDatabase(choice, inUseHint, async (storage) => {
    await checkSchema(storage);
    const clock = (): Date => new Date();
    return bootstrapKey(
      { storage, clock, randomBytes },
      {
        identity,
        description,
        ttlSeconds: ttl === undefined ? undefined : Math.floor(ttl / 1000),
        noExpiry: !expiry,
        breakGlass,
        reason,
      },
    );
  }).catch((error: unknown) => {
    if (!(error instanceof AdministratorExistsError)) throw error;
    throw new CliError(error.message, {
      exitCode: exitCodes.failed,
      hint: "in an emergency: --break-glass --reason TEXT; it leaves an entry in the change log",
      cause: error,
    });
  });
  const { apiKey, token, revisionToken } = created;
  return create(ApiKeyServiceCreateResponseSchema, {
    apiKey: toApiKey(apiKey),
    token,
    revisionToken,
  });
}
