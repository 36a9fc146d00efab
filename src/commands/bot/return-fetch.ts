import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { unmarkFetched } from "../../storage/credential/bots.ts";
import { lockSubject, readSubject } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { retrying } from "../../storage/transaction.ts";
import { managed, refuseBearers } from "./bot-access.ts";
import { parseFetchId } from "./fetch-id.ts";
import { tellOf } from "./fetch-once.ts";
import { writerOf } from "../credential/writer-of.ts";

/**
 * Takes a fetch back that the actor made on behalf of a bot. False: it is not there any more, or it was somebody else's. Fails with
 * INVALID_FIELD, and as noSuchSubject.
 */
export async function returnFetch(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  { fetchId }: { readonly fetchId: string },
): Promise<boolean> {
  refuseBearers(actor);
  const fetch = parseFetchId(fetchId);
  const { uid, generation, name, id } = fetch;
  const found = await retrying(() => readSubject(deps.storage.db, { uid }));
  managed(snapshot, actor, uid, found?.kind === "bot" ? { row: found } : undefined);
  const returned = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const row = (await lockSubject(tx, { uid }))?.row;
    if (row === undefined || row.deleted_at !== null) return false;
    const mark = { id, by: actor.identity };
    if (!(await unmarkFetched(tx, { uid, generation }, name, mark))) return false;
    await tellOf(tx, "fetch_returned", actor, row, { name });
    return true;
  });
  if (returned) await deps.makeKnown([uid]);
  return returned;
}
