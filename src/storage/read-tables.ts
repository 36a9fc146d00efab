import { sql, type Selectable } from "kysely";
import type { ApiKeyBody } from "../domain/entity.ts";
import type { Database } from "./schema.ts";
import type { Db } from "./storage.ts";

type Rows<T extends keyof Database> = readonly Omit<
  Selectable<Database[T]>,
  "singleton" | "content_hash" | "settings" | "condition_hash" | "identity"
>[];

/** All bindings of a realm, in no order. */
export interface BindingsRow {
  readonly project: string;
  readonly realm: string;
  /** Each on a line of its own, as JSON: an array of its role, conditions and principals. */
  readonly bindings: string;
}

/** The rows of everything that policies are made of, parents and names in bytewise order. */
export interface PolicyTables {
  readonly sources: Rows<"source">;
  readonly settings: Rows<"settings">;
  readonly delegations: Rows<"delegation">;
  readonly permissions: Rows<"permission">;
  readonly roles: Rows<"role">;
  readonly projects: Rows<"project">;
  readonly customRoles: Rows<"custom_role">;
  readonly realms: Rows<"realm">;
  readonly bindings: readonly BindingsRow[];
  readonly pools: Rows<"pool">;
  readonly botGroups: Rows<"bot_group">;
}

/** Reads the tables of policies. */
export async function readPolicyTables(db: Db): Promise<PolicyTables> {
  return {
    sources: await db.selectFrom("source").select(["name", "revision"]).orderBy("name").execute(),
    settings: await db
      .selectFrom("settings")
      .select(["admins_group", "bot_bootstrap_group", "privileged_users_group", "users_group"])
      .select(["view_all_bots_group", "view_all_tasks_group", "readers_group", "managed_by"])
      .select("reason_required")
      .execute(),
    delegations: await db
      .selectFrom("delegation")
      .select(["group_name", "caller_globs", "permissions", "realms"])
      .execute(),
    permissions: await db
      .selectFrom("permission")
      .select(["name", "attributes", "managed_by"])
      .orderBy("name")
      .execute(),
    roles: await db
      .selectFrom("role")
      .select(["name", "permissions", "includes", "unresolved", "managed_by"])
      .orderBy("name")
      .execute(),
    ...(await readProjects(db)),
    pools: await db
      .selectFrom("pool")
      .select(["name", "realm", "default_task_realm", "managed_by"])
      .orderBy("name")
      .execute(),
    botGroups: await db
      .selectFrom("bot_group")
      .select(["name", "bot_ids", "bot_id_prefixes", "pools", "managed_by"])
      .orderBy("name")
      .execute(),
  };
}

type ProjectTables = Pick<PolicyTables, "projects" | "customRoles" | "realms" | "bindings">;

async function readProjects(db: Db): Promise<ProjectTables> {
  return {
    projects: await db
      .selectFrom("project")
      .select(["name", "managed_by"])
      .orderBy("name")
      .execute(),
    customRoles: await db
      .selectFrom("custom_role")
      .select(["project", "name", "permissions", "includes", "unresolved"])
      .orderBy("project")
      .orderBy("name")
      .execute(),
    realms: await db
      .selectFrom("realm")
      .select(["project", "name", "extends"])
      .orderBy("project")
      .orderBy("name")
      .execute(),
    // A row a realm, and JSON: arrays of Postgres cost this process several times as much.
    bindings: (await bindingRows.execute(db)).rows,
  };
}

const bindingRows = sql<BindingsRow>`
  select project, realm,
    string_agg(json_build_array(role, conditions, principals)::text, E'\\n') as bindings
  from binding group by project, realm
`;

/** Reads all API keys by id. */
export async function readApiKeys(db: Db): Promise<readonly ApiKeyBody[]> {
  const rows = await db
    .selectFrom("api_key")
    .select(["id", "identity", "description", "secret_hash"])
    .select(["created_at", "created_by", "expires_at", "revoked_at"])
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    identity: row.identity,
    description: row.description,
    secretHash: Buffer.from(row.secret_hash).toString("hex"),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  }));
}
