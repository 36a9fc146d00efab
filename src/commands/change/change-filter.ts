import { invalidField } from "../../domain/errors.ts";
import { identityRule, parseIdentity } from "../../domain/identity.ts";
import { groupName, sourceName, type NameRule } from "../../domain/names.ts";
import { hasForbiddenCharacter } from "../../domain/text.ts";
import { entityKinds } from "../../storage/entity-tables.ts";
import { databaseAuthors } from "../database-authors.ts";
import type { ChangeFilter } from "../../storage/history/list-changes.ts";

/** Which changes a request wants; an empty text does not count. */
export interface FilterInput {
  readonly author: string;
  readonly source: string;
  readonly group: string;
  readonly kind: string;
  readonly key: string;
  /** An invalid Date stands for a malformed time. */
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

/** The filter that a request means. Fails with INVALID_FIELD. */
export function readFilter(input: FilterInput): ChangeFilter {
  const { author, source, group, kind, key, since, until } = input;
  if (author !== "" && !atDatabase.has(author) && parseIdentity(author) === undefined) {
    throw invalidField("author", `${identityRule}; or one of ${[...atDatabase].join(", ")}`);
  }
  checkName("source", source, sourceName);
  checkName("group", group, groupName);
  checkName("kind", kind, entityKind);
  checkTime("since", since);
  checkTime("until", until);
  if (key !== "" && kind === "") throw invalidField("key", "wants a kind");
  // No key holds such, and a database does not take them all.
  if (hasForbiddenCharacter(key)) throw invalidField("key", "must hold no control characters");
  return {
    author: optional(author),
    source: optional(source),
    group: optional(group),
    kind: optional(kind),
    key: optional(key),
    since,
    until,
  };
}

const atDatabase: ReadonlySet<string> = new Set(Object.values(databaseAuthors));

const kinds: ReadonlySet<string> = new Set(entityKinds);

const entityKind: NameRule = {
  test: (text) => kinds.has(text),
  rule: `must be one of ${entityKinds.join(", ")}`,
};

/** Checks a name that may be left out. Fails with INVALID_FIELD. */
export function checkName(field: string, text: string, { test, rule }: NameRule): void {
  if (text !== "" && !test(text)) throw invalidField(field, rule);
}

function checkTime(field: string, time: Date | undefined): void {
  if (time === undefined || !Number.isNaN(time.getTime())) return;
  throw invalidField(field, "must be a time of the years 1 to 9999");
}

function optional(text: string): string | undefined {
  return text === "" ? undefined : text;
}
