import { isKeyId, keyIdRule } from "../../credentials/keys/held-key.ts";
import type { KeyPurpose } from "../../credentials/keyring.ts";
import { invalidField } from "../../domain/errors.ts";

/** Which key a request is about. */
export interface KeyInput {
  /** Undefined: the request says none that there is. */
  readonly purpose: KeyPurpose | undefined;
  readonly keyId: string;
  readonly force: boolean;
}

/** A key that may be meant. */
export interface RequestedKey {
  readonly purpose: KeyPurpose;
  readonly id: string;
}

/** The key that a request names. Fails with INVALID_FIELD (`purpose`, `key_id`). */
export function requestedKey({ purpose, keyId }: KeyInput): RequestedKey {
  if (purpose === undefined) throw invalidField("purpose", "must be URL, ASSERTION or LOOKUP");
  if (!isKeyId(keyId)) throw invalidField("key_id", `must be ${keyIdRule}`);
  return { purpose, id: keyId };
}
