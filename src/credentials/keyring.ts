/** What a key is for. */
export type KeyPurpose = "url" | "assertion" | "lookup";

/** A MAC, and the key that made it. */
export interface SignedBy {
  readonly keyId: string;
  readonly mac: Uint8Array;
}

/** What a MAC comes to; `unknown`: the key may be good, but this replica does not have it. */
export type MacVerdict = "good" | "bad" | "unknown";

/** The keys of this replica, each used as the database says. */
export interface Keyring {
  /** The id of the key that signs; undefined: there is none here. */
  activeKey(purpose: KeyPurpose): string | undefined;
  /** Signs with the active key, whose id the text may name; undefined: there is none here. HMAC-SHA256. */
  sign(purpose: KeyPurpose, textFor: (keyId: string) => string): SignedBy | undefined;
  /** Verifies in constant time. */
  verify(purpose: KeyPurpose, text: string, signed: SignedBy): MacVerdict;
  /** The hashes (lower-case hexadecimal) under which a token that a forge made may be stored: of the active key first. */
  lookupHashes(token: string): readonly { readonly keyId: string; readonly hash: string }[];
}
