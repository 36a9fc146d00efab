/**
 * The settings of the deployment (docs/semantics.md §5). A group name is empty when the configuration
 * leaves it out; engine/server-level.ts fills in the defaults.
 */
export interface Settings {
  readonly adminsGroup: string;
  readonly botBootstrapGroup: string;
  readonly privilegedUsersGroup: string;
  readonly usersGroup: string;
  readonly viewAllBotsGroup: string;
  readonly viewAllTasksGroup: string;
  /** Reads everything through InspectService; it gives no permission on the fleet. Empty: nobody does by it. */
  readonly readersGroup: string;
  /** Whether every change must say why. */
  readonly reasonRequired: boolean;
  readonly delegations: readonly Delegation[];
}

/** Lets members of `group` ask about other callers (docs/semantics.md §9). An empty list means any. */
export interface Delegation {
  readonly group: string;
  readonly callerGlobs: readonly string[];
  readonly permissions: readonly string[];
  readonly realms: readonly string[];
}

/** A declared permission. `attributes` is documentation: conditions may name any attribute. */
export interface Permission {
  readonly name: string;
  readonly attributes: readonly string[];
}

/** A role, built-in (`role/`) or custom (`customRole/`). An unresolved one grants nothing. */
export interface Role {
  readonly name: string;
  readonly permissions: readonly string[];
  readonly includes: readonly string[];
  readonly unresolved: boolean;
}

/** A project with its realms. */
export interface Project {
  readonly name: string;
  readonly customRoles: readonly Role[];
  readonly realms: readonly Realm[];
}

/** A realm as configured; `name` is the local name. */
export interface Realm {
  readonly name: string;
  readonly extends: readonly string[];
  readonly bindings: readonly Binding[];
}

/** Gives a role to principals under conditions, which guard the whole role (docs/semantics.md §4). */
export interface Binding {
  readonly role: string;
  readonly principals: readonly string[];
  readonly conditions: readonly Condition[];
}

/** Holds when the attribute has one of the values (docs/semantics.md §4). */
export interface Condition {
  readonly attribute: string;
  readonly values: readonly string[];
}

/** A pool and the full names of its realms; `defaultTaskRealm` is empty when there is none. */
export interface Pool {
  readonly name: string;
  readonly realm: string;
  readonly defaultTaskRealm: string;
}

/** A bot group (docs/semantics.md §6). Bot ids may hold one number set each. */
export interface BotGroup {
  readonly name: string;
  readonly botIds: readonly string[];
  readonly botIdPrefixes: readonly string[];
  readonly pools: readonly string[];
}

/** A group (docs/semantics.md §3). Members are a set: texts as typed, compared folded. */
export interface Group {
  readonly name: string;
  readonly description: string;
  /** Never empty: `administrators` when nobody else was named. */
  readonly owners: string;
  readonly members: readonly string[];
  readonly globs: readonly string[];
  readonly nested: readonly string[];
}

/**
 * All that one source manages, or all that is in force: a valid `fleetgate.config.v1.Config` in canonical
 * form (lists that are sets are sorted and distinct, bindings of one role and condition are united).
 */
export interface Configuration {
  /** Undefined when the source does not manage the settings. */
  readonly settings: Settings | undefined;
  readonly permissions: readonly Permission[];
  readonly roles: readonly Role[];
  readonly projects: readonly Project[];
  readonly pools: readonly Pool[];
  readonly botGroups: readonly BotGroup[];
  readonly groups: readonly Group[];
}

/** Settings in which every group is left to its default and nobody may ask for others. */
export const defaultSettings: Settings = {
  adminsGroup: "",
  botBootstrapGroup: "",
  privilegedUsersGroup: "",
  usersGroup: "",
  viewAllBotsGroup: "",
  viewAllTasksGroup: "",
  readersGroup: "",
  reasonRequired: false,
  delegations: [],
};

/** A configuration that holds nothing. */
export const emptyConfiguration: Configuration = {
  settings: undefined,
  permissions: [],
  roles: [],
  projects: [],
  pools: [],
  botGroups: [],
  groups: [],
};
