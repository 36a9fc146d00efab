import { isIdentityKind, type Identity, type IdentityKind } from "./identity.ts";
import { hasForbiddenCharacter } from "./text.ts";

/** The longest glob that is accepted, in UTF-16 code units. */
export const maxGlobLength = 512;

/** What a good glob is, for error messages. */
export const globRule = `must be "kind:pattern" with a known kind and a pattern that is not empty and holds no control character, at most ${maxGlobLength} characters`;

/** A parsed glob: matches identities of one kind whose value has the literals in order (docs/semantics.md §2). */
export interface Glob {
  /** `kind:pattern` as given. */
  readonly text: string;
  /** The only kind it matches. */
  readonly kind: IdentityKind;
  /** The pattern cut at its stars: n stars make n + 1 literals, of which any may be empty. */
  readonly literals: readonly string[];
}

/** Returns the glob that `text` is, or undefined when it is malformed. */
export function parseGlob(text: string): Glob | undefined {
  if (text.length > maxGlobLength) return undefined;
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  const kind = text.slice(0, colon);
  const pattern = text.slice(colon + 1);
  if (!isIdentityKind(kind) || pattern === "" || hasForbiddenCharacter(pattern)) return undefined;
  return { text, kind, literals: pattern.split("*") };
}

/**
 * Whether the glob matches the identity as given (no folding). Literals between two stars are found
 * leftmost first, which never needs a step back: linear in the identity for each literal.
 */
export function matchesGlob(glob: Glob, identity: Identity): boolean {
  if (!identity.startsWith(glob.kind) || identity.charCodeAt(glob.kind.length) !== 0x3a) {
    return false;
  }
  const start = glob.kind.length + 1;
  const { literals } = glob;
  const first = literals[0] ?? "";
  const last = literals[literals.length - 1] ?? "";
  if (literals.length === 1) {
    return identity.length - start === first.length && identity.endsWith(first);
  }
  if (identity.length - start < first.length + last.length) return false;
  if (!identity.startsWith(first, start) || !identity.endsWith(last)) return false;
  const end = identity.length - last.length;
  let position = start + first.length;
  for (let index = 1; index < literals.length - 1; index += 1) {
    const literal = literals[index] ?? "";
    const found = identity.indexOf(literal, position);
    if (found < 0 || found + literal.length > end) return false;
    position = found + literal.length;
  }
  return true;
}
