import type { CredentialDeps } from "../../credentials/deps.ts";
import type { Keyring } from "../../credentials/keyring.ts";

/** What registering a task works with. */
export interface RegisterDeps extends CredentialDeps {
  readonly keyring: Pick<Keyring, "lookupHashes">;
}
