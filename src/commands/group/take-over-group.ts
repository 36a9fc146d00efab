import { invalidField } from "../../domain/errors.ts";
import type { TakeOverBody } from "../../domain/entity.ts";
import type { Identity } from "../../domain/identity.ts";
import { groupName } from "../../domain/names.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import type { ReplicaState } from "../../replica/state.ts";
import type { CommandDeps } from "../deps.ts";
import { lockOutGuards } from "../guards.ts";
import { checkText, requestHash } from "../input.ts";
import type { PlannedChange } from "../plan-change.ts";
import { requireAdministrator } from "./authorise.ts";
import { changeGroups, type WriteInput } from "./change-groups.ts";
import { limitExceeded, noSuchGroup, notManaged } from "./group-errors.ts";
import { plannedTakeOver, type PlannedGroup } from "./group-view.ts";
import { maxTakeOvers, takeOverChange } from "./take-overs.ts";
import { writtenGroup, type WrittenGroup } from "./written-group.ts";

/** What ReturnGroup is asked to do. */
export interface ReturnGroupInput extends Omit<WriteInput, "guards"> {
  readonly name: string;
}

/** What TakeOverGroup is asked to do. */
export interface TakeOverGroupInput extends ReturnGroupInput {
  /** For how long; undefined: the request does not say. */
  readonly durationMs: number | undefined;
}

/** The longest that a group is taken over at one go, in milliseconds. */
export const maxTakeOverMs = 30 * 24 * 60 * 60 * 1000;

/**
 * Takes a group over from the source that manages it, for a time, or extends that. Fails with GROUP_FORBIDDEN,
 * INVALID_FIELD, NOT_FOUND, NOT_MANAGED, LIMIT_EXCEEDED (`take_overs`), and as planChange does.
 */
export function takeOverGroup(
  deps: CommandDeps,
  author: Identity,
  input: TakeOverGroupInput,
): Promise<WrittenGroup> {
  const { name, reason, durationMs } = input;
  return change(deps, author, input, {
    action: "take over",
    requestHash: () => requestHash("GroupService/TakeOverGroup", [name, reason, durationMs]),
    read: () => {
      checkText("reason", reason);
      if (reason.trim() === "")
        throw invalidField("reason", "must say why the group is taken over");
      return checkDuration(durationMs);
    },
    plan: (state, { managedBy }, ms) => {
      if (managedBy === "") throw notManaged(name);
      if (!state.takeOvers.has(name) && state.takeOvers.size >= maxTakeOvers) throw tooMany();
      const expiresAt = new Date(deps.clock().getTime() + ms).toISOString();
      return { group: name, source: managedBy, author, reason: reason.toWellFormed(), expiresAt };
    },
  });
}

/**
 * Ends the take-over of a group; one that is not taken over stays as it is. Fails with GROUP_FORBIDDEN, INVALID_FIELD,
 * NOT_FOUND, and as planChange does.
 */
export function returnGroup(
  deps: CommandDeps,
  author: Identity,
  input: ReturnGroupInput,
): Promise<WrittenGroup> {
  const { name, reason } = input;
  return change(deps, author, input, {
    action: "return",
    requestHash: () => requestHash("GroupService/ReturnGroup", [name, reason]),
    read: () => undefined,
    plan: () => undefined,
  });
}

interface Steps<Read> {
  readonly action: "take over" | "return";
  readonly requestHash: () => string;
  readonly read: () => Read;
  /** What the take-over is to be; undefined: there is to be none. */
  readonly plan: (state: ReplicaState, entry: GroupEntry, read: Read) => TakeOverBody | undefined;
}

async function change<Read>(
  deps: CommandDeps,
  author: Identity,
  input: ReturnGroupInput,
  { action, plan, read, ...steps }: Steps<Read>,
): Promise<WrittenGroup> {
  const { name } = input;
  const outcome = await changeGroups<Read, PlannedGroup>(deps, {
    author,
    input: { ...input, guards: lockOutGuards },
    requestHash: steps.requestHash,
    authorise: (state) => requireAdministrator(state, author, name, action),
    read: () => {
      if (!groupName.test(name)) throw invalidField("name", groupName.rule);
      return read();
    },
    plan: (state, found): PlannedChange<PlannedGroup> => {
      const entry = state.snapshot.groups.entry(name);
      if (entry === undefined) throw noSuchGroup(name);
      const before = state.takeOvers.get(name);
      const after = plan(state, entry, found);
      return {
        source: undefined,
        changes:
          before === undefined && after === undefined ? [] : [takeOverChange(name, before, after)],
        found: plannedTakeOver(state, author, entry, after),
      };
    },
  });
  return writtenGroup(deps, author, name, outcome);
}

const example = "such as 4h (14400s), after which the files of the source count again";

function checkDuration(ms: number | undefined): number {
  if (ms === undefined) {
    throw invalidField("duration", `must say for how long the group is taken over, ${example}`);
  }
  if (!(ms > 0 && ms <= maxTakeOverMs)) {
    throw invalidField("duration", `must be more than nothing and at most 30 days, ${example}`);
  }
  return Math.ceil(ms);
}

function tooMany(): Error {
  return limitExceeded(
    "take_overs",
    `${maxTakeOvers} groups are taken over already; return some of them first`,
  );
}
