import { sql } from "kysely";
import type { Db } from "../storage.ts";
import type { IdentityText } from "./identity-text.ts";

/** A place of the present state that names an identity. */
export interface PresentMention {
  /** What it is there, for people: `a member of the group "g"`. */
  readonly place: string;
}

/** How many places of each kind are read. */
const placesAKind = 20;

/** Tables of which any column may name somebody, and what an entity there is called. */
const named = [
  ["permission", "permission"],
  ["role", "role"],
  ["project", "project"],
  ["custom_role", "custom role"],
  ["pool", "pool"],
  ["bot_group", "bot group"],
] as const;

/**
 * Where the present state names an identity: what keeps it from being erased. Keys that have ended, and who made a
 * key, are not among it.
 */
export async function readPresentMentions(
  db: Db,
  identity: IdentityText,
): Promise<readonly PresentMention[]> {
  const fold = (text: string): string => (identity.folds ? `lower(${text} collate "C")` : text);
  const has = (text: string): string => `strpos(${fold(text)}, n.needle) > 0`;
  // Each query gives candidates: a place, and the text that may mention the identity.
  const { rows } = await sql<{ place: string; text: string }>`
    with n as (select ${identity.needle}::text collate "C" as needle)
    ${sql.join(
      [
        [
          `'a member of the group ' || group_name`,
          "member",
          `group_member, n where ${has("member")}`,
        ],
        ["'a glob of the group ' || group_name", "glob", `group_glob, n where ${has("glob")}`],
        [
          `'named in the description of the group ' || name`,
          "description",
          `"group", n where ${has("description")}`,
        ],
        [
          `'named in the take-over of the group ' || group_name`,
          "take_over",
          `group_take_over, unnest(array[author, reason]) as take_over, n where ${has("take_over")}`,
        ],
        // Other names than the present ones could not be undone any more: earlier states would be lost.
        ["'the name of the group ' || name", "name", `"group", n where ${has("name")}`],
        [
          "'the name of the realm ' || project || ':' || name",
          "project || ':' || name",
          `realm, n where ${has("project || ':' || name")}`,
        ],
        ["'named in the settings'", "t::text", `settings as t, n where ${has("t::text")}`],
        ...named.map(([table, name]) => [
          `'named in the ${name} ' || name`,
          "t::text",
          `${table} as t, n where ${has("t::text")}`,
        ]),
        [
          "'named in the delegation to ' || group_name",
          "names",
          `delegation, concat_ws(' ', group_name, permissions::text, realms::text) as names, n
           where ${has("names")}`,
        ],
        [
          `'a principal of the realm ' || project || ':' || realm`,
          "principal",
          `binding, unnest(principals) as principal, n where ${has("principal")}`,
        ],
        [
          `'named in a condition of the realm ' || project || ':' || realm`,
          "conditions::text",
          `binding, n where ${has("conditions::text")}`,
        ],
        [
          `'a caller of the delegation to ' || group_name`,
          "caller_glob",
          `delegation, unnest(caller_globs) as caller_glob, n where ${has("caller_glob")}`,
        ],
        [
          `'the holder of the API key ' || id`,
          "identity",
          `api_key, n where ${has("identity")} and revoked_at is null
           and (expires_at is null or expires_at > now())`,
        ],
      ].map(
        ([place, text, from]) =>
          sql`(select ${sql.raw(`${place} as place, ${text} as text from ${from} order by 1`)})`,
      ),
      sql` union all `,
    )}
  `.execute(db);
  const places = rows.filter(({ text }) => identity.mentions(text)).map(({ place }) => place);
  return [...new Set(places)].slice(0, placesAKind).map((place) => ({ place }));
}
