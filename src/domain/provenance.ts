import type { Condition } from "./model.ts";

/** A binding as it is written, and how a realm comes to have a permission by it. */
export interface BindingOrigin {
  /** The source that manages the project. */
  readonly source: string;
  /** The full name of the realm in which the binding is written. */
  readonly realm: string;
  /**
   * Full names, from the realm that was asked about to the one in which the binding is written, each
   * inherits from the next; as short as can be. One name when they are the same.
   */
  readonly inheritance: readonly string[];
  readonly role: string;
  /** From the role that is bound to the one that lists the permission, each includes the next; as short as can be. */
  readonly rolePath: readonly string[];
  readonly principals: readonly string[];
  readonly conditions: readonly Condition[];
}

/** A role that a project can bind, with all permissions that it comes to hold. */
export interface BindableRole {
  readonly name: string;
  readonly permissions: readonly string[];
}

/**
 * Where what is in force was written: what expansion throws away. Made of the configurations of the same
 * revision as the snapshot that it explains.
 */
export interface Provenance {
  /**
   * Every binding that gives a permission in a realm that is defined (a full name; `@root` of every project
   * is defined), in the order of realms and bindings; empty for any other realm.
   */
  bindingsOf(realm: string, permission: string): readonly BindingOrigin[];
  /** The roles that a project can bind and that hold the permission, sorted by name. */
  rolesHolding(project: string, permission: string): readonly BindableRole[];
  /** Whether a project or the deployment has a role of that name, be it unresolved. */
  hasRole(project: string, role: string): boolean;
  /**
   * The realms that have the bindings of a realm (all are full names): itself and those that inherit from
   * it. Empty when it is not defined.
   */
  heirsOf(realm: string): readonly string[];
  /** The source that manages a group; undefined when there is no such group; "" when nobody does. */
  sourceOfGroup(group: string): string | undefined;
  /** Whether a project is configured. */
  hasProject(project: string): boolean;
}
