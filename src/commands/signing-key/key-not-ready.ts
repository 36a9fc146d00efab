import type { KeyPurpose } from "../../credentials/keyring.ts";
import { DomainError } from "../../domain/errors.ts";
import { quote } from "../../domain/quote.ts";

/** KEY_NOT_READY: `rule` says what is missing, and the way out. `keyId` is empty where no key is meant in particular. */
export function keyNotReady(purpose: KeyPurpose, keyId: string, rule: string): DomainError {
  const what = keyId === "" ? `keys for ${purpose}` : `key ${quote(keyId)} for ${purpose}`;
  return new DomainError("KEY_NOT_READY", `${what}: ${rule}`, { purpose, key_id: keyId, rule });
}
