import { hasForbiddenCharacter } from "./text.ts";

/** A rule for a kind of names: a test, and the words that say it. */
export interface NameRule {
  /** Whether `text` is a good name. */
  readonly test: (text: string) => boolean;
  /** What a good name is, to follow "the field:" in an error message. */
  readonly rule: string;
}

/** A group (docs/semantics.md §3). One with a slash is external. */
export const groupName: NameRule = {
  test: (text) => /^([a-z-]+\/)?[0-9a-z_.@-]{1,100}$/.test(text) && text.length <= 201,
  rule: 'must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"',
};

/** A project: docs/semantics.md §4. */
export const projectName: NameRule = {
  test: (text) => text === "@internal" || /^[a-z0-9\-_]{1,100}$/.test(text),
  rule: 'must be 1 to 100 of "a-z 0-9 - _", or "@internal"',
};

const specialRealms: ReadonlySet<string> = new Set(["@root", "@legacy", "@project"]);

/** A realm inside its project: docs/semantics.md §4. */
export const realmName: NameRule = {
  test: (text) => specialRealms.has(text) || /^[a-z0-9_.\-/]{1,400}$/.test(text),
  rule: 'must be 1 to 400 of "a-z 0-9 _ . - /", or "@root", "@legacy" or "@project"',
};

/** A full realm name `project:realm`: docs/semantics.md §4. */
export const fullRealmName: NameRule = {
  test: (text) => {
    const colon = text.indexOf(":");
    return (
      colon >= 0 && projectName.test(text.slice(0, colon)) && realmName.test(text.slice(colon + 1))
    );
  },
  rule: 'must be "project:realm" with a good name on both sides of the colon',
};

// Nearly all permissions: printable ASCII without spaces.
const plainPermission = /^[!-\-/-~]+\.[!-\-/-~]+\.[!-\-/-~]+$/;

/** A permission, bounded in length. */
export const permissionName: NameRule = {
  test: (text) => {
    if (text.length <= 200 && plainPermission.test(text)) return true;
    if (text.length > 200 || hasForbiddenCharacter(text)) return false;
    const parts = text.split(".");
    return parts.length === 3 && parts.every((part) => part !== "");
  },
  rule: 'must be "service.subject.verb": three parts between two dots, at most 200 characters',
};

function prefixedName(prefix: string): NameRule {
  return {
    test: (text) =>
      text.startsWith(prefix) &&
      text.length > prefix.length &&
      text.length <= 300 &&
      !hasForbiddenCharacter(text),
    rule: `must start with "${prefix}" and go on, at most 300 characters`,
  };
}

/** A role of the deployment, built-in or configured. */
export const roleName: NameRule = prefixedName("role/");

/** A role of one project. */
export const customRoleName: NameRule = prefixedName("customRole/");

// Nearly all pools and bot ids: printable ASCII without colons and spaces. A pattern takes half as long again.
function isPlainPool(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > 256) return false;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x21 || code > 0x7e || code === colon) return false;
  }
  return true;
}

const colon = 0x3a;

/** A pool or a bot id. */
export const poolName: NameRule = {
  test: (text) =>
    isPlainPool(text) ||
    (text.length >= 1 &&
      text.length <= 256 &&
      !text.includes(":") &&
      text.trim() === text &&
      !hasForbiddenCharacter(text)),
  rule: 'must be 1 to 256 characters without ":", control characters, or space at either end',
};

/** A bot id; the same rule as for pools. */
export const botId: NameRule = poolName;

/** A task id as an asker names it; only shown, never interpreted. */
export const taskId: NameRule = {
  test: (text) => text.length >= 1 && text.length <= 256 && !hasForbiddenCharacter(text),
  rule: "must be 1 to 256 characters without control characters",
};

/** A source of configuration: who manages an entity. */
export const sourceName: NameRule = {
  test: (text) => /^[a-z0-9_.-]{1,100}$/.test(text),
  rule: 'must be 1 to 100 of "a-z 0-9 _ . -"',
};

/** The name of a bot group. */
export const botGroupName: NameRule = {
  test: (text) => /^[a-zA-Z0-9_.\-/]{1,100}$/.test(text),
  rule: 'must be 1 to 100 of "a-z A-Z 0-9 _ . - /"',
};

/** The source that is meant where none is named. */
export const defaultSource = "main";

/** Stands in for the source of what no source manages: the groups that are edited by hand. */
export const unmanaged = "";

/** The group that may do everything in Fleetgate's own API and owns what has no other owner. */
export const rootGroup = "administrators";

/** The group whose members may create groups; as long as it does not exist, the members of the root group may. */
export const creatorsGroup = "group-creators";

/** The group whose members may import external groups; as long as it does not exist, the members of the root group may. */
export const importersGroup = "group-importers";

/** The project and the local name of a full realm name that fullRealmName accepts. */
export function splitRealm(full: string): { readonly project: string; readonly realm: string } {
  const colon = full.indexOf(":");
  return { project: full.slice(0, colon), realm: full.slice(colon + 1) };
}
