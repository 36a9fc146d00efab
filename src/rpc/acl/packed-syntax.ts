import { invalidField } from "../../domain/errors.ts";
import type { NameRule } from "../../domain/names.ts";
import type { TaskInfo } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { findTaskFault } from "./task-check.ts";

/** The most resources that one packed batch may hold. */
export const maxResources = 1000;

/** Throws INVALID_FIELD unless there are as many names as there may be, for the first one that is malformed. */
export function requireAllNames(field: string, names: readonly string[], rule: NameRule): void {
  requireCount(field, names.length, "names");
  const index = names.findIndex((name) => !rule.test(name));
  if (index >= 0) throw invalidField(`${field}[${index}]`, rule.rule);
}

/** The same for tasks. */
export function requireAllTasks(field: string, tasks: readonly TaskInfo[]): void {
  requireCount(field, tasks.length, "tasks");
  for (const [index, task] of tasks.entries()) {
    const fault = findTaskFault(task);
    if (fault !== undefined) throw invalidField(`${field}[${index}].${fault.field}`, fault.rule);
  }
}

function requireCount(field: string, count: number, what: string): void {
  if (count === 0 || count > maxResources) {
    throw invalidField(field, `must hold 1 to ${maxResources} ${what}`);
  }
}
