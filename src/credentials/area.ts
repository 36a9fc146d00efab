import type { Bookkeeping } from "./bookkeeping.ts";
import type { CredentialDeps } from "./deps.ts";
import type { GateKeeper } from "./gate-keeper.ts";
import type { Identifier } from "./identifier.ts";
import type { KeyRoom } from "./keys/key-room.ts";
import type { Keyring } from "./keyring.ts";

/** What this process knows about credentials. */
export interface CredentialArea {
  readonly commands: CredentialDeps;
  readonly identifier: Identifier;
  readonly keyring: Keyring;
  /** The keys of this replica, for who rotates them; absent: it holds none and follows none. */
  readonly keys?: KeyRoom | undefined;
  readonly bookkeeping: Bookkeeping;
  /** What operators keep closed. */
  readonly gates: GateKeeper;
}
