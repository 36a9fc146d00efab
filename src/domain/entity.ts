import type { BotGroup, Condition, Delegation, Permission, Pool, Role, Settings } from "./model.ts";

/**
 * The entities of the global revision and the body of each, flat: one row of storage and one item of the
 * change log each. All values are JSON. Items that the release before `reasonRequired` wrote have settings
 * without it: it was false in new ones, and stayed as it was in updated ones.
 */
export interface EntityBodies {
  readonly settings: Omit<Settings, "delegations">;
  readonly delegation: Delegation;
  readonly permission: Permission;
  readonly role: Role;
  readonly project: { readonly name: string };
  readonly custom_role: Role & { readonly project: string };
  readonly realm: {
    readonly project: string;
    readonly name: string;
    readonly extends: readonly string[];
  };
  readonly binding: {
    readonly project: string;
    readonly realm: string;
    readonly role: string;
    readonly conditions: readonly Condition[];
    readonly principals: readonly string[];
  };
  readonly pool: Pool;
  readonly bot_group: BotGroup;
  readonly group: { readonly name: string; readonly description: string; readonly owners: string };
  readonly group_member: { readonly group: string; readonly member: string };
  readonly group_glob: { readonly group: string; readonly glob: string };
  readonly group_nested: { readonly group: string; readonly nested: string };
  readonly group_take_over: TakeOverBody;
  readonly api_key: ApiKeyBody;
  readonly accepted_restore: AcceptedRestoreBody;
}

/** An API key as stored. Times are ISO 8601 in UTC; null: never. The secret itself is kept nowhere. */
export interface ApiKeyBody {
  readonly id: string;
  readonly identity: string;
  readonly description: string;
  /** SHA-256 of the secret, as 64 hexadecimal digits. */
  readonly secretHash: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

/** A group is edited by people for a time, although a source of configuration manages it. */
export interface TakeOverBody {
  readonly group: string;
  /** The source that it was taken over from, which goes on to manage it. */
  readonly source: string;
  /** The identity of the administrator who took it over. */
  readonly author: string;
  /** Why, in the author's words. */
  readonly reason: string;
  /** The instant from which on it is in force no more, ISO 8601 in UTC with milliseconds. */
  readonly expiresAt: string;
}

/** An operator's word that the history which the database has now is the valid one. */
export interface AcceptedRestoreBody {
  /** A UUID. */
  readonly id: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly author: string;
  readonly reason: string;
}

/** A kind of entity. */
export type EntityKind = keyof EntityBodies;

/** One entity. `key` is unique within its kind and says to people which one it is. */
export type Entity = {
  readonly [K in EntityKind]: {
    readonly kind: K;
    readonly key: string;
    readonly body: EntityBodies[K];
  };
}[EntityKind];

/** What a change does to one entity: created (no `before`), updated, or deleted (no `after`). */
export type EntityChange = {
  readonly [K in EntityKind]: {
    readonly kind: K;
    readonly key: string;
    readonly before: EntityBodies[K] | undefined;
    readonly after: EntityBodies[K] | undefined;
  };
}[EntityKind];
