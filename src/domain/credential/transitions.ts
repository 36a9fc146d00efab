/** A state machine as data: from each state those that may follow it. A state that is missing is left by nothing. */
export type Transitions<State extends string> = Readonly<Partial<Record<State, readonly State[]>>>;

/**
 * What a report of a state comes to: `same`: it has that state. `moot`: it has ended, and what comes late is of no interest.
 * `moves`: it goes there. `illegal`: it cannot.
 */
export type Step = "same" | "moot" | "moves" | "illegal";

/** Judges a step of a state machine. `final` are the states in which late reports are moot. */
export function judgeStep<State extends string>(
  transitions: Transitions<State>,
  final: ReadonlySet<State>,
  from: State,
  to: State,
): Step {
  if (from === to) return "same";
  if (final.has(from)) return "moot";
  return transitions[from]?.includes(to) === true ? "moves" : "illegal";
}

/** Whether a state is one of the wanted ones, or can become one by some steps. */
export function reaches<State extends string>(
  transitions: Transitions<State>,
  from: State,
  wanted: ReadonlySet<State>,
): boolean {
  const seen = new Set<State>([from]);
  // A set goes on to what is added while it is walked.
  for (const state of seen) {
    if (wanted.has(state)) return true;
    for (const next of transitions[state] ?? []) seen.add(next);
  }
  return false;
}
