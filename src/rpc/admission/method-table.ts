import { rootGroup } from "../../domain/names.ts";

/** What a method wants of its peer. */
export type Requirement =
  /** Nothing: anybody may call it. */
  | { readonly kind: "public" }
  /** A valid credential, or none at all where anonymous peers are allowed. */
  | { readonly kind: "credential" }
  /** A valid credential, even where anonymous peers are allowed. */
  | { readonly kind: "identified" }
  /** A valid credential of a reader: a member of `administrators` or of the readers group. */
  | { readonly kind: "reader" }
  /** A valid credential of somebody who may import groups. */
  | { readonly kind: "importer" }
  /** A valid credential of a member of the group. */
  | { readonly kind: "group"; readonly group: string };

const everybody: Requirement = { kind: "public" };
const credential: Requirement = { kind: "credential" };
const identified: Requirement = { kind: "identified" };
const reader: Requirement = { kind: "reader" };
const importer: Requirement = { kind: "importer" };
const administrators: Requirement = { kind: "group", group: rootGroup };

/** Every method that is served. One that is missing is refused, and the server does not start with it. */
const requirements: ReadonlyMap<string, Requirement> = new Map<string, Requirement>([
  ["fleetgate.acl.v1.AclService/CheckServerPerm", credential],
  ["fleetgate.acl.v1.AclService/CheckPoolPerm", credential],
  ["fleetgate.acl.v1.AclService/CheckAllPoolsPerm", credential],
  ["fleetgate.acl.v1.AclService/CheckAnyPoolsPerm", credential],
  ["fleetgate.acl.v1.AclService/FilterPoolsByPerm", credential],
  ["fleetgate.acl.v1.AclService/CheckTaskPerm", credential],
  ["fleetgate.acl.v1.AclService/CheckBotPerm", credential],
  ["fleetgate.acl.v1.AclService/CheckCreateInRealm", credential],
  ["fleetgate.acl.v1.AclService/CheckActAs", credential],
  ["fleetgate.acl.v1.AclService/BatchCheck", credential],
  ["fleetgate.acl.v1.AclService/BatchCheckPacked", credential],
  ["fleetgate.admin.v1.ConfigService/Validate", administrators],
  ["fleetgate.admin.v1.ConfigService/Apply", administrators],
  ["fleetgate.admin.v1.ConfigService/Get", administrators],
  ["fleetgate.admin.v1.ConfigService/Export", administrators],
  ["fleetgate.admin.v1.ApiKeyService/Create", administrators],
  ["fleetgate.admin.v1.ApiKeyService/List", administrators],
  ["fleetgate.admin.v1.ApiKeyService/Revoke", administrators],
  // Who may read or edit which group, the commands of GroupService find out.
  ["fleetgate.admin.v1.GroupService/CreateGroup", identified],
  ["fleetgate.admin.v1.GroupService/GetGroup", identified],
  ["fleetgate.admin.v1.GroupService/ListGroups", identified],
  ["fleetgate.admin.v1.GroupService/ListMembers", identified],
  ["fleetgate.admin.v1.GroupService/UpdateGroup", identified],
  ["fleetgate.admin.v1.GroupService/DeleteGroup", identified],
  ["fleetgate.admin.v1.GroupService/AddMembers", identified],
  ["fleetgate.admin.v1.GroupService/RemoveMembers", identified],
  ["fleetgate.admin.v1.GroupService/ImportGroups", importer],
  ["fleetgate.admin.v1.GroupService/TakeOverGroup", identified],
  ["fleetgate.admin.v1.GroupService/ReturnGroup", identified],
  // Owners of a group see what is of the group: the commands find out.
  ["fleetgate.admin.v1.ChangeService/ListChanges", identified],
  ["fleetgate.admin.v1.ChangeService/GetChange", identified],
  ["fleetgate.admin.v1.ChangeService/RevertChange", administrators],
  ["fleetgate.admin.v1.ChangeService/VerifyChanges", reader],
  ["fleetgate.inspect.v1.InspectService/Explain", credential],
  ["fleetgate.inspect.v1.InspectService/ListPermissions", identified],
  ["fleetgate.inspect.v1.InspectService/ListPrincipals", reader],
  ["fleetgate.inspect.v1.InspectService/LookupPrincipal", reader],
  ["grpc.health.v1.Health/Check", everybody],
  ["grpc.health.v1.Health/List", everybody],
  ["grpc.health.v1.Health/Watch", everybody],
  ["grpc.reflection.v1.ServerReflection/ServerReflectionInfo", everybody],
  ["grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", everybody],
]);

/** What `package.Service/Method` wants, or undefined when the table does not have it. */
export function requirementOf(method: string): Requirement | undefined {
  return requirements.get(method);
}

/** Whether a method is for nobody who is anonymous, also where anonymous peers are allowed. */
export function wantsIdentity(requirement: Requirement): boolean {
  return requirement.kind !== "public" && requirement.kind !== "credential";
}

/** The methods of the table. */
export function tabledMethods(): readonly string[] {
  return [...requirements.keys()];
}
