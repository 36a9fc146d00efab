import { applyConfig } from "../../commands/apply-config.ts";
import { getChange } from "../../commands/change/get-change.ts";
import { listChanges } from "../../commands/change/list-changes.ts";
import { revertChange } from "../../commands/change/revert-change.ts";
import { verifyLog } from "../../commands/change/verify-log.ts";
import { createApiKey } from "../../commands/create-api-key.ts";
import { exportConfig } from "../../commands/export-config.ts";
import { addMembers, removeMembers } from "../../commands/group/change-members.ts";
import { createGroup } from "../../commands/group/create-group.ts";
import { deleteGroup } from "../../commands/group/delete-group.ts";
import { getGroup } from "../../commands/group/get-group.ts";
import { importGroups } from "../../commands/group/import-groups.ts";
import { returnGroup, takeOverGroup } from "../../commands/group/take-over-group.ts";
import { updateGroup } from "../../commands/group/update-group.ts";
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
  createGroup,
  getGroup,
  updateGroup,
  deleteGroup,
  addMembers,
  removeMembers,
  importGroups,
  takeOverGroup,
  returnGroup,
  listChanges,
  getChange,
  revertChange,
  verifyChanges: verifyLog,
};

/** The commands behind the admin methods; tests put others in their place. */
export type AdminOperations = Readonly<typeof adminOperations>;
