import type { Reason } from "../domain/errors.ts";
import { identityRule, userHint } from "../domain/identity.ts";
import { groupName, sourceName } from "../domain/names.ts";
import { exitCodes, type ExitCode } from "./exit-code.ts";

type Metadata = Readonly<Record<string, string>>;

const summaryHint =
  "`fleetgate config diff --summary` and `config apply --dry-run --summary` ask for the counts only";

/** What to do about some limits; of the others the message says it all. */
const limitHints: Readonly<Record<string, string>> = {
  managers: "`fleetgate runner managers` lists them, and `runner delete-manager` ends one",
  effects: summaryHint,
  change_items: summaryHint,
  group_members: "leave them out with --no-members; `fleetgate group members` lists them all",
};

/** What to do about each reason; empty: the message says it all. */
const hints: Readonly<Record<Reason, string | ((metadata: Metadata) => string)>> = {
  PERMISSION_DENIED: "",
  CHECK_UNAVAILABLE: "try again; `fleetgate health` tells when the server is ready",
  FRESHNESS_NOT_REACHED: "try again, or ask without --at-least-as-fresh and --fully-consistent",
  CREDENTIAL_REQUIRED: "",
  ON_BEHALF_OF_FORBIDDEN:
    "leave the other identity out (--caller, --delegated-user), or let this peer act on its behalf: settings.delegations in the configuration",
  INVALID_FIELD: ({ rule = "" }) => (rule.startsWith(identityRule) ? userHint : ""),
  UNKNOWN_FIELD: "the server is older than this command; use the same release of both",
  REVISION_TOKEN_FOREIGN:
    "the revision token is of another database or was lost in a restore; take one from a recent answer",
  GROUP_REQUIRED: "use the key of a member of that group",
  STORAGE_UNAVAILABLE: "try again when the database answers",
  INTERNAL_FAULT: "the log of the server has the cause",
  CONFIG_INVALID: "",
  ETAG_MISMATCH: ({ source = "", group }) =>
    group === undefined
      ? `\`fleetgate config export${sourceName.test(source) ? ` --source ${source}` : ""} --json\` shows what a source that exists holds now, and its etag: merge, and apply with that`
      : `\`fleetgate group get${groupName.test(group) ? ` ${group}` : ""}\` shows what the group holds now, and its etag`,
  NOT_FOUND: "",
  REQUEST_ID_REUSED: "",
  SECRET_ALREADY_SHOWN: "revoke that key and create another",
  PAGE_TOKEN_INVALID: "the list changed while it was read; try again",
  LOCK_OUT: "keep at least one member in the group, and yourself; --allow-lock-out if it is meant",
  LIMIT_EXCEEDED: ({ limit = "" }) => limitHints[limit] ?? "",
  WRITE_CONFLICT: "try again",
  GROUP_FORBIDDEN: "ask an owner of the group, or a member of administrators",
  GROUP_PROTECTED: "",
  ALREADY_EXISTS: ({ kind = "", name = "" }) => {
    if (kind === "manager") {
      return "is another machine of this system id at work? `fleetgate runner delete-manager` ends it, as it is needed after the token was lost";
    }
    // Its id, for who may handle it.
    return kind === "claim" && /^[0-9a-f-]{36}$/.test(name)
      ? `\`fleetgate claim supersede ${name}\` opens another one in its place, and \`claim cancel\` ends it`
      : "";
  },
  REFERENCE_MISSING: "create the groups first, or mend their names",
  GROUP_CYCLE: "leave one of the nestings out",
  IN_USE: "",
  MANAGED_BY_SOURCE: "",
  EFFECT_TOO_LARGE:
    "--dry-run without --max-gained and --max-lost tells who; raise these if it is meant",
  REVISION_NOT_RETAINED: ({ oldest = "" }) =>
    oldest === "" ? "" : `the oldest that can be had is revision ${oldest}`,
  REVERT_CONFLICT: ({ kind = "", by = "" }) => {
    if (kind === "api_key") return "`fleetgate key revoke` ends a key";
    return /^[0-9]+$/.test(by)
      ? `revert ${by} first, or make the change by hand`
      : "make the change by hand, as far as it is still meant";
  },
  HISTORY_FORBIDDEN: "use the key of a reader, or leave --at-revision out",
  HISTORY_NOT_ACCEPTED: "if the restore was meant, run `fleetgate accept-restore`",
  NOT_MANAGED: "",
  SHOWN_CREDENTIAL_REFUSED: "the audit of its realm may tell why: `fleetgate credential audit`",
  TASK_NOT_ACTIVE: "",
  SUBJECT_MISMATCH: "",
  CREDENTIAL_LACKS_PERMISSION:
    "register the task with the permission, and bind a role with it in its realm",
  PERMISSION_REQUIRED: "bind a role with the permission in the realm, or mend the name",
  ILLEGAL_TRANSITION: ({ from = "" }) =>
    from === "rotated"
      ? "each token is rotated once: use the new one, or, when nobody has it, enrol the machine anew after `fleetgate runner delete-manager`"
      : "",
  GENERATION_MOVED: "`fleetgate bot get` shows the generation",
  ATTEMPTS_EXHAUSTED: "delete the bot and create another",
  ALREADY_FETCHED: "if that was not you, revoke the secret and delete the bot",
  HOLD_RELEASED: "register with another hold id",
  CURSOR_TOO_OLD: "drop what you have, and watch without a cursor",
  KEY_NOT_READY: "`fleetgate url keys` shows the keys and who has them",
  TOO_MANY_ATTEMPTS: "wait a moment",
  GATE_CLOSED: "wait a minute; `fleetgate gate list` tells administrators who closed it, and why",
};

/** What to do about a reason; undefined: the message says it all. */
export function reasonHint(reason: Reason, metadata: Metadata): string | undefined {
  const hint = hints[reason];
  const text = typeof hint === "string" ? hint : hint(metadata);
  return text === "" ? undefined : text;
}

/** What a command ends with when it fails for a reason. */
export function reasonExitCode(reason: Reason): ExitCode {
  if (reason === "INVALID_FIELD") return exitCodes.usage;
  if (reason === "CONFIG_INVALID") return exitCodes.invalidConfiguration;
  // Only a check command itself may say "denied": it looks at PERMISSION_DENIED before this is asked.
  return exitCodes.failed;
}

/** Whether a text is one of the reasons that this release knows. */
export function isReason(text: string): text is Reason {
  return Object.hasOwn(hints, text);
}
