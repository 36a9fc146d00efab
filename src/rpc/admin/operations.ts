import { applyConfig } from "../../commands/apply-config.ts";
import { createApiKey } from "../../commands/create-api-key.ts";
import { exportConfig } from "../../commands/export-config.ts";
import { getConfig } from "../../commands/get-config.ts";
import { listApiKeys } from "../../commands/list-api-keys.ts";
import { revokeApiKey } from "../../commands/revoke-api-key.ts";
import { validateConfig } from "../../commands/validate-config.ts";

/** What the admin methods carry out. */
export const adminOperations = {
  applyConfig,
  validateConfig,
  getConfig,
  exportConfig,
  createApiKey,
  listApiKeys,
  revokeApiKey,
};

/** The commands behind the admin methods; tests put others in their place. */
export type AdminOperations = Readonly<typeof adminOperations>;
