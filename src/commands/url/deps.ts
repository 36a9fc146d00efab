import type { Bookkeeping } from "../../credentials/bookkeeping.ts";
import type { Identifier } from "../../credentials/identifier.ts";
import type { KeyRoom } from "../../credentials/keys/key-room.ts";
import type { Keyring } from "../../credentials/keyring.ts";

/** What signing and verifying URLs works with: nothing that waits for the database. */
export interface UrlDeps {
  readonly keyring: Keyring;
  readonly identifier: Pick<Identifier, "standing" | "databaseNow">;
  readonly bookkeeping: Pick<Bookkeeping, "asserted">;
  /** The keys of this replica; undefined: it holds none. */
  readonly keys?: Pick<KeyRoom, "isFollowed"> | undefined;
}
