import type { KeyRoom } from "../../credentials/keys/key-room.ts";
import type { Storage } from "../../storage/storage.ts";

/** What the commands of keys work with. */
export interface KeyDeps {
  readonly storage: Storage;
  /** The keys of this replica; undefined: it holds none, and follows none. */
  readonly keys: KeyRoom | undefined;
}
