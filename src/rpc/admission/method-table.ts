import type { MethodArea } from "../../domain/credential/gate-areas.ts";
import type { CredentialKind } from "../../domain/credential/kinds.ts";
import { rootGroup } from "../../domain/names.ts";

/** Which credentials of bots, tasks and runners a method accepts beside API keys, JWTs and certificates. */
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

/** What keeps a method from being called, whoever calls it. */
interface Gated {
  /** The area of methods that it belongs to, which an operator may have closed; `none`: it goes on whatever is closed. */
  readonly gate: MethodArea | "none";
}

/** What a method wants of its peer. */
export type Requirement = Ladder &
  Gated &
  /** Nothing: anybody may call it. */
  (
    | { readonly kind: "public" }
    /** A valid credential, or none at all where anonymous peers are allowed. */
    | { readonly kind: "credential" }
    /** A valid credential, even where anonymous peers are allowed. */
    | { readonly kind: "identified" }
    /** A credential of the kind that it accepts, and no other: the command judges it, in the transaction that uses it up. */
    | { readonly kind: "unjudged" }
    /** A valid credential of a reader: a member of `administrators` or of the readers group. */
    | { readonly kind: "reader" }
    /** A valid credential of somebody who may import groups. */
    | { readonly kind: "importer" }
    /** A valid credential of a member of the group. */
    | { readonly kind: "group"; readonly group: string }
  );

const noneOfThem: Ladder & Gated = {
  ...{ accepts: new Set(), reporting: "refused", usedToo: false, gate: "none" },
};

const everybody: Requirement = { kind: "public", ...noneOfThem };
const identified: Requirement = { kind: "identified", ...noneOfThem };
const importer: Requirement = { kind: "importer", ...noneOfThem };
const administrators: Requirement = { kind: "group", group: rootGroup, ...noneOfThem };

function accepting(...kinds: readonly CredentialKind[]): Ladder & Gated {
  return { ...noneOfThem, accepts: new Set(kinds) };
}

const anyButOneTime = accepting("boot", "session", "task", "runner");
const check: Requirement = { kind: "credential", ...anyButOneTime, reporting: "denied" };
const reading: Requirement = { kind: "identified", ...anyButOneTime };
const reader: Requirement = { kind: "reader", ...anyButOneTime };
const bootOnly: Requirement = { kind: "identified", ...accepting("boot") };
const resumeOnly: Requirement = { kind: "identified", ...accepting("resume"), usedToo: true };
const bot: Requirement = { kind: "identified", ...accepting("boot", "session") };
const session: Requirement = { kind: "identified", ...accepting("session") };
// What executes tasks (docs/credentials.md): a bot by its session, a runner by its token.
const host: Requirement = { kind: "identified", ...accepting("session", "runner") };
const hostOrTask: Requirement = { kind: "identified", ...accepting("session", "runner", "task") };
const aboutTask: Requirement = { ...hostOrTask, reporting: "admitted" };
const claimOnly: Requirement = { kind: "unjudged", ...accepting("claim") };
const enrollOnly: Requirement = { kind: "identified", ...accepting("enroll"), usedToo: true };
const runnerOnly: Requirement = { kind: "identified", ...accepting("runner") };
const rotated: Requirement = { ...runnerOnly, usedToo: true };

// It issues a credential.
function issue(requirement: Requirement): Requirement {
  return { ...requirement, gate: "issue" };
}

// It writes what bots, runners, tasks and claims do, and issues nothing. Not so what running tasks need to live, such as RenewHolds, and
// RevokeCredential: a theft must not wait for the end of a migration.
function fleet(requirement: Requirement): Requirement {
  return { ...requirement, gate: "fleet" };
}

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
  ["fleetgate.credential.v1.CallerService/IdentifyCaller", host],
  ["fleetgate.credential.v1.CallerService/BatchIdentifyCallers", host],
  ["fleetgate.credential.v1.CallerService/WatchRevocations", host],
  ["fleetgate.credential.v1.BotService/CreateBot", fleet(identified)],
  ["fleetgate.credential.v1.BotService/GetBot", bot],
  ["fleetgate.credential.v1.BotService/ListBots", identified],
  ["fleetgate.credential.v1.BotService/SetBotState", fleet(bot)],
  ["fleetgate.credential.v1.BotService/RequeueBot", fleet(identified)],
  ["fleetgate.credential.v1.BotService/DeleteBot", fleet(identified)],
  ["fleetgate.credential.v1.BotService/IssueBootToken", issue(identified)],
  ["fleetgate.credential.v1.BotService/FetchOnce", fleet(bootOnly)],
  ["fleetgate.credential.v1.BotService/ReturnFetch", fleet(identified)],
  ["fleetgate.credential.v1.SessionService/OpenSession", issue(bootOnly)],
  ["fleetgate.credential.v1.SessionService/TakeOverSession", issue(resumeOnly)],
  ["fleetgate.credential.v1.SessionService/CloseSession", fleet(session)],
  ["fleetgate.credential.v1.TaskService/RegisterTask", issue(host)],
  ["fleetgate.credential.v1.TaskService/RenewHolds", host],
  ["fleetgate.credential.v1.TaskService/ReleaseHold", host],
  ["fleetgate.credential.v1.TaskService/SetTaskState", fleet(aboutTask)],
  ["fleetgate.credential.v1.TaskService/EndTask", fleet(host)],
  ["fleetgate.credential.v1.TaskService/GetTask", aboutTask],
  ["fleetgate.credential.v1.UrlService/SignUrl", hostOrTask],
  ["fleetgate.credential.v1.UrlService/VerifyUrl", host],
  ["fleetgate.credential.v1.CredentialService/GetCredential", identified],
  ["fleetgate.credential.v1.CredentialService/ListCredentials", identified],
  ["fleetgate.credential.v1.CredentialService/RevokeCredential", identified],
  ["fleetgate.credential.v1.CredentialService/RotateCredential", issue(rotated)],
  ["fleetgate.credential.v1.CredentialService/ListAuditEvents", identified],
  ["fleetgate.credential.v1.ClaimService/OpenClaim", issue(host)],
  ["fleetgate.credential.v1.ClaimService/PresentClaim", issue(claimOnly)],
  ["fleetgate.credential.v1.ClaimService/GetClaim", host],
  ["fleetgate.credential.v1.ClaimService/ListClaims", host],
  ["fleetgate.credential.v1.ClaimService/WatchClaims", host],
  ["fleetgate.credential.v1.ClaimService/ExtendClaim", fleet(host)],
  ["fleetgate.credential.v1.ClaimService/SupersedeClaim", issue(host)],
  ["fleetgate.credential.v1.ClaimService/CancelClaim", fleet(host)],
  ["fleetgate.credential.v1.ClaimService/ReportExecutor", fleet(host)],
  ["fleetgate.credential.v1.RunnerService/CreateRunner", fleet(identified)],
  ["fleetgate.credential.v1.RunnerService/GetRunner", runnerOnly],
  ["fleetgate.credential.v1.RunnerService/ListRunners", identified],
  ["fleetgate.credential.v1.RunnerService/SetRunnerPaused", fleet(identified)],
  ["fleetgate.credential.v1.RunnerService/DeleteRunner", fleet(identified)],
  ["fleetgate.credential.v1.RunnerService/CreateEnrollToken", issue(identified)],
  ["fleetgate.credential.v1.RunnerService/Enroll", issue(enrollOnly)],
  ["fleetgate.credential.v1.RunnerService/Heartbeat", fleet(runnerOnly)],
  ["fleetgate.credential.v1.RunnerService/ListManagers", identified],
  ["fleetgate.credential.v1.RunnerService/DeleteManager", fleet(identified)],
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
