/**
 * The authors in the change log of what is done by access to the database alone: whoever holds that, not an identity.
 * None of them is the text of an identity, so that nobody can pass for one.
 */
export const databaseAuthors = {
  /** Of `key create --bootstrap`. */
  bootstrap: "bootstrap",
  /** Of `accept-restore`. */
  acceptRestore: "accept-restore",
  /** Of `log erase`. */
  operator: "operator",
} as const;
