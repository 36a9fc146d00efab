/**
 * What an import comes to: a `fleetgate.config.v1.Config` as a plain object with the field names of the
 * files, in the order of the contract. Empty lists are left out.
 */
export interface ImportedConfig {
  readonly settings?: Readonly<Record<string, string>>;
  readonly permissions?: readonly { readonly name: string }[];
  readonly roles?: readonly ImportedRole[];
  readonly projects?: readonly ImportedProject[];
  readonly pools?: readonly ImportedPool[];
  readonly bot_groups?: readonly ImportedBotGroup[];
  readonly groups?: readonly ImportedGroup[];
}

/** A role; one that is neither custom nor resolved has no permissions of its own. */
export interface ImportedRole {
  readonly name: string;
  readonly permissions?: readonly string[];
  readonly includes?: readonly string[];
  readonly unresolved?: true;
}

/** A project. */
export interface ImportedProject {
  readonly name: string;
  readonly custom_roles?: readonly ImportedRole[];
  readonly realms: readonly ImportedRealm[];
}

/** A realm. */
export interface ImportedRealm {
  readonly name: string;
  readonly extends?: readonly string[];
  readonly bindings?: readonly ImportedBinding[];
}

/** A binding. */
export interface ImportedBinding {
  readonly role: string;
  readonly principals: readonly string[];
  readonly conditions?: readonly { readonly attribute: string; readonly values: string[] }[];
}

/** A pool. */
export interface ImportedPool {
  readonly name: string;
  readonly realm: string;
  readonly default_task_realm?: string;
}

/** A bot group. */
export interface ImportedBotGroup {
  readonly name: string;
  readonly bot_ids?: readonly string[];
  readonly bot_id_prefixes?: readonly string[];
  readonly pools?: readonly string[];
}

/** A group. */
export interface ImportedGroup {
  readonly name: string;
  readonly description?: string;
  readonly owners?: string;
  readonly members?: readonly string[];
  readonly globs?: readonly string[];
  readonly nested?: readonly string[];
}

/** `{ [key]: list }`, or nothing for an empty list. */
export function whenFilled<K extends string, V>(
  key: K,
  list: readonly V[],
): Partial<Record<K, readonly V[]>> {
  return list.length === 0 ? {} : ({ [key]: list } as Partial<Record<K, readonly V[]>>);
}
