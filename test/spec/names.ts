// The grammars of names, each written as the sentence that defines it: which characters, how many.

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const digits = "0123456789";

function consistsOf(text: string, alphabet: string): boolean {
  return Array.from(text).every((character) => alphabet.includes(character));
}

function hasLength(text: string, least: number, most: number): boolean {
  return text.length >= least && text.length <= most;
}

/** The part before the first colon and the part after it; undefined without a colon. */
function cutAtColon(text: string): readonly [string, string] | undefined {
  const [before, ...after] = text.split(":");
  return before === undefined || after.length === 0 ? undefined : [before, after.join(":")];
}

/** Control characters, line separators and halves of surrogate pairs may stand in no name. */
function isPlain(text: string): boolean {
  return Array.from(text).every((character) => {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
    const separator = code === 0x2028 || code === 0x2029;
    const halfOfPair = code >= 0xd800 && code <= 0xdfff;
    return !control && !separator && !halfOfPair;
  });
}

/** Whether the value of an identity is right for its kind; an unknown kind has no right value. */
function isIdentityValue(kind: string, value: string): boolean {
  switch (kind) {
    case "anonymous":
      return value === "anonymous";
    case "bot":
    case "runner":
      return value !== "" && consistsOf(value, `${digits}${lower}${upper}_-.@`);
    case "project":
      return value !== "" && consistsOf(value, `${lower}${digits}-_`);
    case "service":
      return value !== "" && consistsOf(value, `${digits}${lower}${upper}_-:.`);
    case "task":
      return hasLength(value, 1, 64) && consistsOf(value, `${digits}${lower}${upper}_-`);
    case "user": {
      const parts = value.split("@");
      const [mailbox, domain] = parts;
      if (parts.length !== 2 || mailbox === undefined || domain === undefined) return false;
      return (
        mailbox !== "" &&
        domain !== "" &&
        consistsOf(mailbox, `${digits}${lower}${upper}_-.+%`) &&
        consistsOf(domain, `${digits}${lower}${upper}_-.`)
      );
    }
    default:
      return false;
  }
}

/** `kind:value`, at most 512 characters. */
export function isIdentity(text: string): boolean {
  const parts = cutAtColon(text);
  return parts !== undefined && text.length <= 512 && isIdentityValue(...parts);
}

/** The kind of an identity or a glob. */
export function kindOf(text: string): string {
  return cutAtColon(text)?.[0] ?? "";
}

/** `user:` identities are the same in upper and lower case; all others differ. */
export function isSameIdentity(left: string, right: string): boolean {
  if (kindOf(left) === "user" && kindOf(right) === "user") {
    return left.toLowerCase() === right.toLowerCase();
  }
  return left === right;
}

/**
 * Whether a glob `kind:pattern` matches an identity as given: of the same kind, the whole value, upper
 * and lower case apart, and `*` standing for any number of characters.
 */
export function globMatches(glob: string, identity: string): boolean {
  const [globKind, pattern] = cutAtColon(glob) ?? ["", ""];
  const [identityKind, value] = cutAtColon(identity) ?? ["", ""];
  if (globKind !== identityKind) return false;
  const quoted = pattern.split("*").map((literal) => literal.replace(/[^0-9a-zA-Z]/g, "\\$&"));
  return new RegExp(`^${quoted.join("[^\\n]*")}$`).test(value);
}

/** `service.subject.verb`: three parts that are not empty, at most 200 characters. */
export function isPermissionName(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 3 && !parts.includes("") && text.length <= 200 && isPlain(text);
}

/** A pool or a bot id: 1 to 256 characters, no colon, no space at either end. */
export function isPoolName(text: string): boolean {
  const first = text.at(0) ?? " ";
  const last = text.at(-1) ?? " ";
  const spaceAtEnd = /\s/.test(first) || /\s/.test(last);
  return hasLength(text, 1, 256) && !text.includes(":") && !spaceAtEnd && isPlain(text);
}

/** A task id: 1 to 256 characters. */
export function isTaskId(text: string): boolean {
  return hasLength(text, 1, 256) && isPlain(text);
}

/** A full name of a realm: `project:realm`, cut at the first colon. */
export function isRealmName(text: string): boolean {
  const parts = cutAtColon(text);
  if (parts === undefined) return false;
  const [project, realm] = parts;
  const goodProject =
    project === "@internal" ||
    (hasLength(project, 1, 100) && consistsOf(project, `${lower}${digits}-_`));
  const goodRealm =
    ["@root", "@legacy", "@project"].includes(realm) ||
    (hasLength(realm, 1, 400) && consistsOf(realm, `${lower}${digits}_.-/`));
  return goodProject && goodRealm;
}

/** The project of a full name of a realm. */
export function projectOfRealm(realm: string): string {
  return cutAtColon(realm)?.[0] ?? "";
}
