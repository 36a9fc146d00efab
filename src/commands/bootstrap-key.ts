import { groupMemberKey } from "../config/entities.ts";
import type { EntityChange } from "../domain/entity.ts";
import { invalidField } from "../domain/errors.ts";
import { foldIdentity, type Identity } from "../domain/identity.ts";
import { rootGroup } from "../domain/names.ts";
import { hasListedMember } from "../engine/listed-member.ts";
import { loadIn } from "../replica/load.ts";
import type { ReplicaState } from "../replica/state.ts";
import { writeChange } from "../storage/write-change.ts";
import { databaseAuthors } from "./database-authors.ts";
import { mintApiKey, type NewApiKey } from "./api-key.ts";
import type { CreatedApiKey } from "./create-api-key.ts";
import { tokenOf, type WriteDeps } from "./deps.ts";
import { checkText } from "./input.ts";

/** What the key of an administrator is asked to be. */
export interface BootstrapInput extends NewApiKey {
  /** Go on although there is an administrator already; wants a reason. */
  readonly breakGlass: boolean;
  readonly reason: string;
}

/** There is an administrator already, so the way in is to ask them, or to break the glass. */
export class AdministratorExistsError extends Error {
  override readonly name = "AdministratorExistsError";
}

/**
 * Puts an identity into the root group and makes a key for it, by database access alone. Fails with
 * AdministratorExistsError, INVALID_FIELD, WRITE_CONFLICT or STORAGE_UNAVAILABLE.
 */
export async function bootstrapKey(deps: WriteDeps, input: BootstrapInput): Promise<CreatedApiKey> {
  checkText("reason", input.reason);
  if (input.breakGlass && input.reason === "") {
    throw invalidField("reason", "breaking the glass wants a reason");
  }
  const { key, token } = mintApiKey(deps, databaseAuthors.bootstrap, input);
  const found = { administrator: false };
  const result = await writeChange(
    deps.storage,
    {
      author: databaseAuthors.bootstrap,
      reason: input.reason === "" ? "the first administrator" : input.reason,
      requestId: "",
      requestHash: "",
    },
    async (tx) => {
      const state = await loadIn(tx);
      found.administrator = hasListedMember(state.snapshot.groups, rootGroup);
      if (found.administrator && !input.breakGlass) return { source: undefined, changes: [] };
      const added: EntityChange = {
        kind: "api_key",
        key: key.id,
        before: undefined,
        after: key,
      };
      return { source: undefined, changes: [...joinRootGroup(state, key.identity), added] };
    },
  );
  if (found.administrator && !input.breakGlass) {
    throw new AdministratorExistsError(
      `the group "${rootGroup}" has members already: ask one of them for a key, ` +
        "or break the glass with a reason",
    );
  }
  return { apiKey: { ...key, lastUsedAt: null }, token, revisionToken: tokenOf(result) };
}

function joinRootGroup(state: ReplicaState, identity: string): readonly EntityChange[] {
  const group = state.snapshot.groups.entry(rootGroup);
  const folded = foldIdentity(identity as Identity);
  if (group?.members.has(folded) === true) return [];
  const changes: EntityChange[] = [];
  if (group === undefined) {
    changes.push({
      kind: "group",
      key: rootGroup,
      before: undefined,
      after: { name: rootGroup, description: "Administrators of Fleetgate.", owners: rootGroup },
    });
  }
  changes.push({
    kind: "group_member",
    key: groupMemberKey(rootGroup, folded),
    before: undefined,
    after: { group: rootGroup, member: identity },
  });
  return changes;
}
