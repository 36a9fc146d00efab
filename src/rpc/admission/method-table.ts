import type { CredentialKind } from "../../domain/credential/kinds.ts";
import { rootGroup } from "../../domain/names.ts";

/** Which credentials of bots and tasks a method accepts beside API keys, JWTs and certificates. */
interface Ladder {
  /** A kind that is missing is refused before it is looked up, like any other bad credential. */
  readonly accepts: ReadonlySet<CredentialKind>;
  /**
   * The token of a task that may only report: `refused`: TASK_NOT_ACTIVE. `denied`: while the task is to stop, it is let in and
   * denied whatever it asks. `admitted`: it is let in, also when the task has ended.
   */
  readonly reporting: "refused" | "denied" | "admitted";
  /**
   * Whether a token is let in that was used up, or rotated a moment ago: its answer may have been lost, or somebody has a copy. The
   * command judges that under a lock.
   */
  readonly usedToo: boolean;
}

/** What a method wants of its peer. */
export type Requirement = Ladder &
  /** Nothing: anybody may call it. */
  (
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
    | { readonly kind: "group"; readonly group: string }
  );

const noneOfThem: Ladder = { accepts: new Set(), reporting: "refused", usedToo: false };

const everybody: Requirement = { kind: "public", ...noneOfThem };
const identified: Requirement = { kind: "identified", ...noneOfThem };
const importer: Requirement = { kind: "importer", ...noneOfThem };
const administrators: Requirement = { kind: "group", group: rootGroup, ...noneOfThem };

function accepting(...kinds: readonly CredentialKind[]): Ladder {
  return { accepts: new Set(kinds), reporting: "refused", usedToo: false };
}

const anyButOneTime = accepting("boot", "session", "task", "runner");
const check: Requirement = { kind: "credential", ...anyButOneTime, reporting: "denied" };
const reading: Requirement = { kind: "identified", ...anyButOneTime };
const reader: Requirement = { kind: "reader", ...anyButOneTime };
const bootOnly: Requirement = { kind: "identified", ...accepting("boot") };
const resumeOnly: Requirement = { kind: "identified", ...accepting("resume"), usedToo: true };
const bot: Requirement = { kind: "identified", ...accepting("boot", "session") };
const session: Requirement = { kind: "identified", ...accepting("session") };
// What works: a bot by its session, a runner by its token.
const worker: Requirement = { kind: "identified", ...accepting("session", "runner") };
const workerOrTask: Requirement = { kind: "identified", ...accepting("session", "runner", "task") };
const aboutTask: Requirement = { ...workerOrTask, reporting: "admitted" };
const claimOnly: Requirement = { kind: "identified", ...accepting("claim") };
const enrollOnly: Requirement = { kind: "identified", ...accepting("enroll"), usedToo: true };
const runnerOnly: Requirement = { kind: "identified", ...accepting("runner") };
const rotated: Requirement = { ...runnerOnly, usedToo: true };

/** Every method that is served. One that is missing is refused, and the server does not start with it. */
const requirements: ReadonlyMap<string, Requirement> = new Map<string, Requirement>([
  ["fleetgate.acl.v1.AclService/CheckServerPerm", check],
  ["fleetgate.acl.v1.AclService/CheckPoolPerm", check],
  ["fleetgate.acl.v1.AclService/CheckAllPoolsPerm", check],
  ["fleetgate.acl.v1.AclService/CheckAnyPoolsPerm", check],
  ["fleetgate.acl.v1.AclService/FilterPoolsByPerm", check],
  ["fleetgate.acl.v1.AclService/CheckTaskPerm", check],
  ["fleetgate.acl.v1.AclService/CheckBotPerm", check],
  ["fleetgate.acl.v1.AclService/CheckCreateInRealm", check],
  ["fleetgate.acl.v1.AclService/CheckActAs", check],
  ["fleetgate.acl.v1.AclService/BatchCheck", check],
  ["fleetgate.acl.v1.AclService/BatchCheckPacked", check],
  ["fleetgate.admin.v1.ConfigService/Validate", administrators],
  ["fleetgate.admin.v1.ConfigService/Apply", administrators],
  ["fleetgate.admin.v1.ConfigService/Get", administrators],
  ["fleetgate.admin.v1.ConfigService/Export", administrators],
  ["fleetgate.admin.v1.ApiKeyService/Create", administrators],
  ["fleetgate.admin.v1.ApiKeyService/List", administrators],
  ["fleetgate.admin.v1.ApiKeyService/Revoke", administrators],
  // Who may read or edit which group, the commands of GroupService find out.
  ["fleetgate.admin.v1.GroupService/CreateGroup", identified],
  ["fleetgate.admin.v1.GroupService/GetGroup", reading],
  ["fleetgate.admin.v1.GroupService/ListGroups", reading],
  ["fleetgate.admin.v1.GroupService/ListMembers", reading],
  ["fleetgate.admin.v1.GroupService/UpdateGroup", identified],
  ["fleetgate.admin.v1.GroupService/DeleteGroup", identified],
  ["fleetgate.admin.v1.GroupService/AddMembers", identified],
  ["fleetgate.admin.v1.GroupService/RemoveMembers", identified],
  ["fleetgate.admin.v1.GroupService/ImportGroups", importer],
  ["fleetgate.admin.v1.GroupService/TakeOverGroup", identified],
  ["fleetgate.admin.v1.GroupService/ReturnGroup", identified],
  // Owners of a group see what is of the group: the commands find out.
  ["fleetgate.admin.v1.ChangeService/ListChanges", reading],
  ["fleetgate.admin.v1.ChangeService/GetChange", reading],
  ["fleetgate.admin.v1.ChangeService/RevertChange", administrators],
  ["fleetgate.admin.v1.ChangeService/VerifyChanges", reader],
  ["fleetgate.inspect.v1.InspectService/Explain", check],
  ["fleetgate.inspect.v1.InspectService/ListPermissions", reading],
  ["fleetgate.inspect.v1.InspectService/ListPrincipals", reader],
  ["fleetgate.inspect.v1.InspectService/LookupPrincipal", reader],
  // In which realms the peer has the permission that each needs, the commands find out. Each kind of credential mints only
  // the next one down the ladder: provisioner, boot, session; enrolment, runner; then claim, task, signed URL.
  ["fleetgate.credential.v1.CallerService/IdentifyCaller", worker],
  ["fleetgate.credential.v1.CallerService/BatchIdentifyCallers", worker],
  ["fleetgate.credential.v1.CallerService/WatchRevocations", worker],
  ["fleetgate.credential.v1.BotService/CreateBot", identified],
  ["fleetgate.credential.v1.BotService/GetBot", bot],
  ["fleetgate.credential.v1.BotService/ListBots", identified],
  ["fleetgate.credential.v1.BotService/SetBotState", bot],
  ["fleetgate.credential.v1.BotService/RequeueBot", identified],
  ["fleetgate.credential.v1.BotService/DeleteBot", identified],
  ["fleetgate.credential.v1.BotService/IssueBootToken", identified],
  ["fleetgate.credential.v1.BotService/FetchOnce", bootOnly],
  ["fleetgate.credential.v1.BotService/ReturnFetch", identified],
  ["fleetgate.credential.v1.SessionService/OpenSession", bootOnly],
  ["fleetgate.credential.v1.SessionService/TakeOverSession", resumeOnly],
  ["fleetgate.credential.v1.SessionService/CloseSession", session],
  ["fleetgate.credential.v1.TaskService/RegisterTask", worker],
  ["fleetgate.credential.v1.TaskService/RenewHolds", worker],
  ["fleetgate.credential.v1.TaskService/ReleaseHold", worker],
  ["fleetgate.credential.v1.TaskService/SetTaskState", aboutTask],
  ["fleetgate.credential.v1.TaskService/EndTask", worker],
  ["fleetgate.credential.v1.TaskService/GetTask", aboutTask],
  ["fleetgate.credential.v1.UrlService/SignUrl", workerOrTask],
  ["fleetgate.credential.v1.UrlService/VerifyUrl", worker],
  ["fleetgate.credential.v1.CredentialService/GetCredential", identified],
  ["fleetgate.credential.v1.CredentialService/ListCredentials", identified],
  ["fleetgate.credential.v1.CredentialService/RevokeCredential", identified],
  ["fleetgate.credential.v1.CredentialService/RotateCredential", rotated],
  ["fleetgate.credential.v1.CredentialService/ListAuditEvents", identified],
  ["fleetgate.credential.v1.ClaimService/OpenClaim", worker],
  ["fleetgate.credential.v1.ClaimService/PresentClaim", claimOnly],
  ["fleetgate.credential.v1.ClaimService/GetClaim", worker],
  ["fleetgate.credential.v1.ClaimService/ListClaims", worker],
  ["fleetgate.credential.v1.ClaimService/WatchClaims", worker],
  ["fleetgate.credential.v1.ClaimService/ExtendClaim", worker],
  ["fleetgate.credential.v1.ClaimService/SupersedeClaim", worker],
  ["fleetgate.credential.v1.ClaimService/CancelClaim", worker],
  ["fleetgate.credential.v1.ClaimService/ReportExecutor", worker],
  ["fleetgate.credential.v1.RunnerService/CreateRunner", identified],
  ["fleetgate.credential.v1.RunnerService/GetRunner", runnerOnly],
  ["fleetgate.credential.v1.RunnerService/ListRunners", identified],
  ["fleetgate.credential.v1.RunnerService/SetRunnerPaused", identified],
  ["fleetgate.credential.v1.RunnerService/DeleteRunner", identified],
  ["fleetgate.credential.v1.RunnerService/CreateEnrollToken", identified],
  ["fleetgate.credential.v1.RunnerService/Enroll", enrollOnly],
  ["fleetgate.credential.v1.RunnerService/Heartbeat", runnerOnly],
  ["fleetgate.credential.v1.RunnerService/ListManagers", identified],
  ["fleetgate.credential.v1.RunnerService/DeleteManager", identified],
  ["fleetgate.credential.v1.GateService/AcquireGate", administrators],
  ["fleetgate.credential.v1.GateService/RenewGate", administrators],
  ["fleetgate.credential.v1.GateService/ReleaseGate", administrators],
  ["fleetgate.credential.v1.GateService/ListGates", administrators],
  ["fleetgate.credential.v1.KeyService/ListKeys", administrators],
  ["fleetgate.credential.v1.KeyService/ActivateKey", administrators],
  ["fleetgate.credential.v1.KeyService/RetireKey", administrators],
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
