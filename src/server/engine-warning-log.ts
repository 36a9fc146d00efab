import type { EngineWarning } from "../engine/snapshot.ts";
import type { LimitedLog } from "./limited-log.ts";
import { visible } from "./visible.ts";

/** What the log says of each kind of warning; a kind that is missing here does not compile. */
export const engineWarningMessages: Readonly<Record<EngineWarning["kind"], string>> = {
  unknown_group: "the configuration names a group that nobody defines",
  unknown_pool: "a question or a bot group names a pool that nobody defines",
  undeclared_permission: "a question is about a permission that nobody declares",
  undefined_realm: "a question or a pool names a realm that nobody defines",
  malformed_member: "a group has a malformed member or glob, which counts for nobody",
  malformed_principal: "a binding of a realm has a malformed principal, which counts for nobody",
  malformed_delegation: "a delegation to a group has a malformed glob, which covers nobody",
  more: "no more names of this kind are told until the configuration changes",
};

/**
 * Writes what the engine passed over, as a warning. Whoever asks a question chooses its names, so they are
 * cut and escaped as in the lines of calls.
 */
export function logEngineWarning(log: LimitedLog, { kind, name }: EngineWarning): void {
  log.write("warn", kind, { kind, name: visible(name) }, engineWarningMessages[kind]);
}
