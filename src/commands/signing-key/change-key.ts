import { appendAudit, type AuditActor } from "../../storage/credential/audit.ts";
import { lockSigningKeys } from "../../storage/credential/signing-keys.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { DomainError } from "../../domain/errors.ts";
import type { KeyDeps } from "./deps.ts";
import { readKeyViews, type KeyView } from "./key-view.ts";
import type { RequestedKey } from "./requested-key.ts";

/** What a change of a key writes. */
export interface KeyChange {
  readonly event: "key_activated" | "key_retired";
  readonly detail: Readonly<Record<string, string | boolean>>;
  readonly write: (tx: Tx) => Promise<void>;
}

/**
 * Changes the state of a key while no other change of keys runs, and tells of it. `plan` looks at the key and at the others and gives
 * undefined when there is nothing to do, or throws. Before the answer this replica follows; others do within 2 seconds.
 */
export async function changeKey(
  deps: KeyDeps,
  actor: AuditActor,
  { purpose, id }: RequestedKey,
  plan: (key: KeyView | undefined, ofPurpose: readonly KeyView[]) => KeyChange | undefined,
): Promise<KeyView> {
  await deps.keys?.announce();
  const changed = await inCredentialTransaction(
    deps.storage,
    { peer: actor.caller },
    async (tx) => {
      await lockSigningKeys(tx);
      const ofPurpose = async (): Promise<readonly KeyView[]> =>
        (await readKeyViews(tx, deps)).filter((key) => key.purpose === purpose);
      const before = await ofPurpose();
      const change = plan(
        before.find((key) => key.id === id),
        before,
      );
      if (change !== undefined) {
        await change.write(tx);
        const detail = { purpose, key_id: id, ...change.detail };
        await appendAudit(tx, [{ event: change.event, actor, detail }]);
      }
      return (await ofPurpose()).find((key) => key.id === id);
    },
  );
  await deps.keys?.refresh();
  if (changed === undefined) throw new DomainError("INTERNAL_FAULT", "the key is gone");
  return changed;
}
