import { sortedSet } from "../../domain/bytewise.ts";
import { foldIdentity, identityKind, type Identity } from "../../domain/identity.ts";

/** Finds an identity in what the log holds, and puts a pseudonym in its place. */
export interface IdentityText {
  /** What every text that mentions it contains, once folded; SQL looks for that first. */
  readonly needle: string;
  /** Whether SQL must fold texts before it looks for the needle. */
  readonly folds: boolean;
  /** Whether a text is the identity itself. */
  readonly is: (text: string) => boolean;
  readonly mentions: (text: string) => boolean;
  readonly replace: (text: string) => string;
  /** The same in all texts of a JSON value; lists of texts that change become sorted sets again, which they were. */
  readonly replaceJson: (value: unknown) => unknown;
}

const identityCharacter = String.raw`[0-9A-Za-z_\-.+%@:]`;
const otherKind = "(?:anonymous|bot|project|service|task|runner):";

/**
 * Compares as members are compared. In texts, an identity is found as a word, and of a `user:` the address alone
 * too, but not as a part of a longer name: `user:ann@example.com` is not in `user:joann@example.com`.
 */
export function createIdentityText(identity: Identity, pseudonym: string): IdentityText {
  const folded = foldIdentity(identity);
  const isUser = identityKind(identity) === "user";
  const value = folded.slice(folded.indexOf(":") + 1);
  const words = isUser
    ? `(?<!${identityCharacter})user:${escape(value)}|` +
      String.raw`(?<![0-9A-Za-z_\-.+%@]|${otherKind})${escape(value)}`
    : `(?<!${identityCharacter})${escape(folded)}`;
  // A dot at the end of a sentence is not a part of the name.
  const pattern = new RegExp(
    String.raw`(?:${words})(?![0-9A-Za-z_\-+%@]|[.:][0-9A-Za-z_\-])`,
    isUser ? "gi" : "g",
  );
  const bare = pseudonym.slice(pseudonym.indexOf(":") + 1);

  const replace = (text: string): string =>
    text.replace(pattern, (found) => (/^user:/i.test(found) || !isUser ? pseudonym : bare));

  function replaceJson(json: unknown): unknown {
    if (typeof json === "string") return replace(json);
    if (Array.isArray(json)) {
      const replaced = json.map(replaceJson);
      const texts = replaced.filter((item) => typeof item === "string");
      const changed = texts.length === json.length && texts.some((text, at) => text !== json[at]);
      return changed ? sortedSet(texts) : replaced;
    }
    if (typeof json !== "object" || json === null) return json;
    return Object.fromEntries(
      Object.entries(json).map(([name, field]) => [name, replaceJson(field)]),
    );
  }

  return {
    needle: isUser ? value : folded,
    folds: isUser,
    is: (text) => foldIdentity(text as Identity) === folded,
    mentions: (text) => replace(text) !== text,
    replace,
    replaceJson,
  };
}

/** Of the characters that an identity may have, these two mean something in a pattern. */
function escape(text: string): string {
  return text.replace(/[.+]/g, String.raw`\$&`);
}
