import type { Steps } from "../domain/steps.ts";
import { advanceStateInSteps, branchStateInSteps, type StateChange } from "./change-state.ts";
import type { ReplicaState } from "./state.ts";

// Some 2 ms of work.
const sliceItems = 1000;

/**
 * Advances a state through many or large changes in steps; nobody sees a state in between. Replicas follow once at a time,
 * so that two advances are never mixed. Throws as advanceState.
 */
export function advanceInSlices(
  from: ReplicaState,
  changes: readonly StateChange[],
): Steps<ReplicaState> {
  return throughSlices(from, changes, advanceStateInSteps);
}

/** The same beside the state before; see branchState. */
export function branchInSlices(
  from: ReplicaState,
  changes: readonly StateChange[],
): Steps<ReplicaState> {
  return throughSlices(from, changes, branchStateInSteps);
}

function* throughSlices(
  from: ReplicaState,
  changes: readonly StateChange[],
  take: typeof advanceStateInSteps,
): Steps<ReplicaState> {
  let state = from;
  for (const slice of slicesOf(changes)) {
    yield;
    state = yield* take(state, slice);
  }
  return state;
}

function slicesOf(changes: readonly StateChange[]): readonly (readonly StateChange[])[] {
  const slices: StateChange[][] = [];
  let slice: StateChange[] = [];
  let count = 0;
  for (const change of changes) {
    for (const part of partsOf(change)) {
      if (count > 0 && count + part.items.length > sliceItems) {
        slices.push(slice);
        slice = [];
        count = 0;
      }
      slice.push(part);
      count += part.items.length;
    }
  }
  if (slice.length > 0) slices.push(slice);
  return slices;
}

/** A change as parts of bounded size. What belongs to policies stays together: it is expanded at one go. */
function partsOf(change: StateChange): readonly StateChange[] {
  if (change.items.length <= sliceItems) return [change];
  const { members = [], rest = [] } = Object.groupBy(change.items, ({ kind }) =>
    kind === "group_member" ? "members" : "rest",
  );
  const removed = members.filter(({ after }) => after === undefined);
  const others = members.filter(({ after }) => after !== undefined);
  const parts: StateChange[] = [];
  const add = (items: readonly (typeof members)[number][]): void => {
    for (let start = 0; start < items.length; start += sliceItems) {
      parts.push({ ...change, items: items.slice(start, start + sliceItems) });
    }
  };
  // Members leave before their groups go, and come after these.
  add(removed);
  parts.push({ ...change, items: rest });
  add(others);
  return parts;
}
