/**
 * The input of the executable spec: a configuration as an admin writes it, with the field names of
 * `fleetgate.config.v1.Config`, after YAML or JSON was parsed. A field that is absent is empty.
 */
export interface World {
  readonly settings?: WorldSettings;
  readonly permissions?: readonly WorldPermission[];
  readonly roles?: readonly WorldRole[];
  readonly projects?: readonly WorldProject[];
  readonly pools?: readonly WorldPool[];
  readonly bot_groups?: readonly WorldBotGroup[];
  readonly groups?: readonly WorldGroup[];
}

/** The six groups of the server level, the readers and the delegations. */
export interface WorldSettings {
  readonly admins_group?: string;
  readonly bot_bootstrap_group?: string;
  readonly privileged_users_group?: string;
  readonly users_group?: string;
  readonly view_all_bots_group?: string;
  readonly view_all_tasks_group?: string;
  readonly readers_group?: string;
  readonly delegations?: readonly WorldDelegation[];
}

/** Lets the members of a group ask about other callers. */
export interface WorldDelegation {
  readonly group: string;
  readonly caller_globs?: readonly string[];
  readonly permissions?: readonly string[];
  readonly realms?: readonly string[];
}

/** A declared permission. */
export interface WorldPermission {
  readonly name: string;
  readonly attributes?: readonly string[];
}

/** A role of the deployment or of a project. */
export interface WorldRole {
  readonly name: string;
  readonly permissions?: readonly string[];
  readonly includes?: readonly string[];
  readonly unresolved?: boolean;
}

/** A project. */
export interface WorldProject {
  readonly name: string;
  readonly custom_roles?: readonly WorldRole[];
  readonly realms?: readonly WorldRealm[];
}

/** A realm; `name` and `extends` are local names. */
export interface WorldRealm {
  readonly name: string;
  readonly extends?: readonly string[];
  readonly bindings?: readonly WorldBinding[];
}

/** A binding. */
export interface WorldBinding {
  readonly role: string;
  readonly principals?: readonly string[];
  readonly conditions?: readonly WorldCondition[];
}

/** A condition of a binding. */
export interface WorldCondition {
  readonly attribute: string;
  readonly values?: readonly string[];
}

/** A pool; its realms are full names. */
export interface WorldPool {
  readonly name: string;
  readonly realm: string;
  readonly default_task_realm?: string;
}

/** A bot group. */
export interface WorldBotGroup {
  readonly name: string;
  readonly bot_ids?: readonly string[];
  readonly bot_id_prefixes?: readonly string[];
  readonly pools?: readonly string[];
}

/** A group. */
export interface WorldGroup {
  readonly name: string;
  readonly description?: string;
  readonly owners?: string;
  readonly members?: readonly string[];
  readonly globs?: readonly string[];
  readonly nested?: readonly string[];
}
