import { DomainError } from "../../domain/errors.ts";
import { quote } from "../../domain/quote.ts";
import type { AuditActor } from "../../storage/credential/audit.ts";
import { retireKeyRow } from "../../storage/credential/signing-keys.ts";
import { changeKey } from "./change-key.ts";
import type { KeyDeps } from "./deps.ts";
import { keyNotReady } from "./key-not-ready.ts";
import type { KeyView } from "./key-view.ts";
import { requestedKey, type KeyInput } from "./requested-key.ts";

/**
 * Ends a key: nothing that it signed is accepted any more, here at once, elsewhere within 2 seconds. A retired one stays so. Fails with
 * NOT_FOUND when nobody knows it, and with KEY_NOT_READY when it is the active one, unless forced.
 */
export async function retireKey(
  deps: KeyDeps,
  actor: AuditActor,
  input: KeyInput,
): Promise<KeyView> {
  const wanted = requestedKey(input);
  const { purpose, id } = wanted;
  return changeKey(deps, actor, wanted, (key) => {
    if (key === undefined) {
      const name = `${purpose}/${id}`;
      throw new DomainError("NOT_FOUND", `nobody has a signing key ${quote(name)}`, {
        kind: "signing key",
        name,
      });
    }
    if (key.state === "retired") return undefined;
    if (key.state === "active" && !input.force) {
      throw keyNotReady(purpose, id, "it is the active one; activate another one first, or force");
    }
    return {
      event: "key_retired",
      detail: { was: key.state, force: input.force },
      write: (tx) => retireKeyRow(tx, purpose, id),
    };
  });
}
