/**
 * A well-formed identity, as text `kind:value` (docs/semantics.md §2). Only parseIdentity makes
 * one, so a function that takes an Identity need not check it again.
 */
export type Identity = string & { readonly identityBrand: unique symbol };

/** The kinds of identities: the five of LUCI, and tasks and runners. */
export const identityKinds = [
  "anonymous",
  "bot",
  "project",
  "service",
  "user",
  "task",
  "runner",
] as const;

/** One of the kinds of identities. */
export type IdentityKind = (typeof identityKinds)[number];

/** The longest identity that is accepted, in UTF-16 code units. */
export const maxIdentityLength = 512;

// The values that each kind allows.
const values: Readonly<Record<IdentityKind, string>> = {
  anonymous: "anonymous",
  bot: "[0-9a-zA-Z_\\-.@]+",
  project: "[a-z0-9\\-_]+",
  service: "[0-9a-zA-Z_\\-:.]+",
  user: "[0-9a-zA-Z_\\-.+%]+@[0-9a-zA-Z_\\-.]+",
  task: "[0-9A-Za-z_-]{1,64}",
  runner: "[0-9a-zA-Z_\\-.@]+",
};

// One pattern for all kinds: every question has an identity, and one look at it is all that this costs.
// `$` without the `m` flag matches only at the very end in JavaScript: a trailing newline is refused.
const wellFormed = new RegExp(
  `^(?:${identityKinds.map((kind) => `${kind}:${values[kind]}`).join("|")})$`,
);

/** The identity of a peer that presents no credential. */
export const anonymousIdentity = "anonymous:anonymous" as Identity;

/** What a good identity is, for error messages. */
export const identityRule = `must be "kind:value" with a kind of ${identityKinds.join(", ")} and a value that the kind allows, at most ${maxIdentityLength} characters`;

/** What to tell those who write a malformed identity: most often it is a mail address. */
export const userHint = 'people are written as "user:name@domain"';

/** Returns the identity that `text` is, or undefined when it is malformed. */
export function parseIdentity(text: string): Identity | undefined {
  if (text.length > maxIdentityLength) return undefined;
  return wellFormed.test(text) ? (text as Identity) : undefined;
}

/** Whether `text` is the name of a kind of identities. Kinds are case-sensitive. */
export function isIdentityKind(text: string): text is IdentityKind {
  return Object.hasOwn(values, text);
}

/** The kind of an identity. */
export function identityKind(identity: Identity): IdentityKind {
  return identity.slice(0, identity.indexOf(":")) as IdentityKind;
}

/**
 * The form in which members of groups and direct principals are compared: `user:` identities in lower
 * case, all others as they are (docs/semantics.md §2). Globs and submitters compare the text as given.
 */
export function foldIdentity(identity: Identity): Identity {
  return identity.startsWith("user:") ? (identity.toLowerCase() as Identity) : identity;
}
