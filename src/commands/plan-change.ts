import type { EntityChange } from "../domain/entity.ts";
import { invalidField } from "../domain/errors.ts";
import type { Identity } from "../domain/identity.ts";
import type { Effects } from "../engine/effects/effects.ts";
import { branchInSlices } from "../replica/change-in-slices.ts";
import { runInTurns, type TurnOptions } from "../replica/in-turns.ts";
import { stateIn } from "../replica/state-in.ts";
import type { ReplicaState } from "../replica/state.ts";
import type { Tx } from "../storage/database.ts";
import { writeChange } from "../storage/write-change.ts";
import { freshState, makeLive, tokenOf, usableState, type CommandDeps } from "./deps.ts";
import { checkGuards, effectsOf, type Guards, type Transition } from "./guards.ts";
import { checkGlobs } from "./glob-limits.ts";
import { checkRequestId, checkText } from "./input.ts";

/** What every request for a change says beside what to change. */
export interface ChangeRequest {
  readonly author: Identity;
  readonly reason: string;
  readonly requestId: string;
  /** Tells a repeat from a reuse of the request id; see requestHash. */
  readonly requestHash: string;
  /** Do everything except the change. */
  readonly validateOnly: boolean;
  readonly guards: Guards;
  /** What is to be told of the effects after validateOnly; who is no reader is told nothing. */
  readonly effects: "all" | "summary" | "none";
}

/** What is to be changed: by which source (undefined: none) and which entities; none: there is nothing to do. */
export interface PlannedChange<T> {
  readonly source: string | undefined;
  readonly changes: readonly EntityChange[];
  /** What the caller of planChange wants to know of the plan. */
  readonly found: T;
}

/** Plans a change on a state. */
export type Plan<T> = (state: ReplicaState) => PlannedChange<T> | Promise<PlannedChange<T>>;

/** What became of a change. */
export interface ChangeOutcome<T> {
  /**
   * `committed`: there is a new revision. `unchanged`: there was nothing to do. `repeated`: the same author sent the
   * same request before, and this is what it did then. `validated`: it was only to be validated.
   */
  readonly kind: "committed" | "unchanged" | "repeated" | "validated";
  /** The revision at which it is in force; of `validated` that of the state it was validated against. */
  readonly revision: bigint;
  readonly revisionToken: string;
  /** The changes, as planned or as recorded. */
  readonly changes: readonly EntityChange[];
  /** What the plan found; undefined when `repeated`. */
  readonly found: T | undefined;
  /** Of `validated`, when a reader asked for it. */
  readonly effects: Effects | undefined;
}

/**
 * Plans a change on the newest state, in memory, and writes it in one transaction, or only validates it. Writers come
 * one after another: the state that `plan` gets is the one that the change follows, and nothing that it throws leaves
 * a trace. A committed change is live in this process when this resolves. Fails with INVALID_FIELD, what `plan`
 * throws, LOCK_OUT, EFFECT_TOO_LARGE, REQUEST_ID_REUSED, HISTORY_NOT_ACCEPTED, LIMIT_EXCEEDED (`writers`, and those of checkGlobs), WRITE_CONFLICT
 * or STORAGE_UNAVAILABLE (then the outcome may be unknown: repeat with the same request id), and with the reason of
 * `deps.signal` when that aborted before the turn to write came.
 */
export async function planChange<T>(
  deps: CommandDeps,
  request: ChangeRequest,
  plan: Plan<T>,
): Promise<ChangeOutcome<T>> {
  checkRequestId(request.requestId);
  checkText("reason", request.reason);
  if (request.validateOnly) return validate(deps, request, plan);

  // Without one nobody waits for a turn.
  usableState(deps);
  let found: T | undefined;
  const planIn = async (tx: Tx): Promise<PlannedChange<T>> => {
    const before = await stateIn(tx, usableState(deps));
    const planned = await planOn(deps, before, request, plan);
    found = planned.found;
    const transition = await transitionOf(before, planned);
    checkGlobs(transition);
    await checkGuards(transition, request.author, request.guards);
    return planned;
  };
  const result = await writeChange(deps.storage, request, planIn, deps.signal);
  if (result.kind === "committed") await makeLive(deps);
  return {
    kind: result.kind,
    revision: result.revision,
    revisionToken: tokenOf(result),
    changes: result.changes,
    found: result.kind === "repeated" ? undefined : found,
    effects: undefined,
  };
}

async function validate<T>(
  deps: CommandDeps,
  request: ChangeRequest,
  plan: Plan<T>,
): Promise<ChangeOutcome<T>> {
  const { signal } = deps;
  const before = await freshState(deps);
  const planned = await planOn(deps, before, request, plan);
  const transition = await transitionOf(before, planned, { signal });
  checkGlobs(transition);
  await checkGuards(transition, request.author, request.guards, { signal });
  return {
    kind: "validated",
    revision: before.revision,
    revisionToken: before.revisionToken,
    changes: planned.changes,
    found: planned.found,
    effects:
      request.effects === "none"
        ? undefined
        : await effectsOf(transition, request.author, request.effects === "summary", { signal }),
  };
}

async function planOn<T>(
  deps: CommandDeps,
  state: ReplicaState,
  request: ChangeRequest,
  plan: Plan<T>,
): Promise<PlannedChange<T>> {
  deps.admit?.(state);
  const planned = await plan(state);
  // Who may not make the change learns nothing about settings: this comes after the plan.
  if (state.expanded.settings.reasonRequired && request.reason.trim() === "") {
    throw invalidField("reason", "must say why: settings.reason_required is set");
  }
  return planned;
}

/** The change with the state as it would leave it. The hash of that state is not the one that it would have. */
export async function transitionOf(
  before: ReplicaState,
  { source, changes }: Omit<PlannedChange<unknown>, "found">,
  options: TurnOptions = {},
): Promise<Transition> {
  const change = { revision: before.revision + 1n, hash: before.chainHash, source, items: changes };
  const after =
    changes.length === 0 ? before : await runInTurns(branchInSlices(before, [change]), options);
  return { before, after, changes };
}
