import type { CredentialArea } from "../../credentials/area.ts";
import type { Storage } from "../../storage/storage.ts";

/** What the commands of gates work with. */
export interface GateDeps {
  readonly storage: Storage;
  /** What this process keeps closed. */
  readonly gates: Pick<CredentialArea["gates"], "refresh">;
  /** The clock of the database. */
  readonly identifier: Pick<CredentialArea["identifier"], "databaseNow">;
}
