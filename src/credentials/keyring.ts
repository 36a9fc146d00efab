/** What a key is for. */
export type KeyPurpose = "url" | "assertion" | "lookup";

/** A MAC, and the key that made it. */
export interface SignedBy {
  readonly keyId: string;
  readonly mac: Uint8Array;
}

/** What a MAC comes to; `unknown`: the key may be good, but this replica does not have it. */
export type MacVerdict = "good" | "bad" | "unknown";

/** The hash of a token that a forge made, and the key that made it. */
export interface LookupHash {
  readonly keyId: string;
  /** Lower-case hexadecimal. */
  readonly hash: string;
}

/** Under which hashes a token that a forge made may be stored. */
export interface LookupHashes {
  /** Of the active key first. */
  readonly hashes: readonly LookupHash[];
  /** Whether these are all; else it may be stored under a key that this replica lacks, and nobody can say here that it is unknown. */
  readonly isComplete: boolean;
}

/** The keys of this replica, each used as the database says. */
export interface Keyring {
  /** The id of the key that signs; undefined: there is none here. */
  activeKey(purpose: KeyPurpose): string | undefined;
  /** Signs with the active key, whose id the text may name; undefined: there is none here. HMAC-SHA256. */
  sign(purpose: KeyPurpose, textFor: (keyId: string) => string): SignedBy | undefined;
  /** Verifies in constant time. */
  verify(purpose: KeyPurpose, text: string, signed: SignedBy): MacVerdict;
  /** Under which hashes a token that a forge made may be stored: of every key that is not retired. */
  lookupHashes(token: string): LookupHashes;
}
