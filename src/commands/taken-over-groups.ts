import type { ConfigProblem } from "../config/problem.ts";
import { toConfigMessage } from "../config/to-message.ts";
import { validateConfiguration, type ValidationInput } from "../config/validate.ts";
import { sortByName } from "../domain/bytewise.ts";
import type { TakeOverBody } from "../domain/entity.ts";
import type { Configuration, Group } from "../domain/model.ts";
import { quote } from "../domain/quote.ts";
import type { ReplicaState } from "../replica/state.ts";
import { isInForce } from "./group/take-overs.ts";

/** What take-overs make of the configuration of a source. */
export interface KeptGroups {
  /** The configuration with the groups that are taken over as they are. */
  readonly configuration: Configuration;
  /** A warning for each of these, and errors where the files do not go with them. */
  readonly problems: readonly ConfigProblem[];
}

/**
 * Leaves the groups of a source that are taken over now as they are, whatever its files say of them. The files are
 * valid by themselves; they must be valid with these groups too, for their references to hold.
 */
export function keepTakenOver(
  state: ReplicaState,
  now: Date,
  before: Configuration,
  wanted: Configuration,
  { source, others }: Pick<ValidationInput, "source" | "others">,
): KeptGroups {
  const kept = before.groups.flatMap((group) => {
    const takeOver = state.takeOvers.get(group.name);
    const isKept = takeOver?.source === source && isInForce(takeOver, now);
    return isKept ? [{ group, takeOver }] : [];
  });
  if (kept.length === 0) return { configuration: wanted, problems: [] };
  const configuration = {
    ...wanted,
    groups: withGroups(
      wanted.groups,
      kept.map(({ group }) => group),
    ),
  };
  const together = validateConfiguration({
    source,
    files: [{ path: "", config: toConfigMessage(configuration) }],
    others,
  });
  const errors = together.problems.filter(({ severity }) => severity === "error");
  return {
    configuration,
    problems: [...kept.map(({ takeOver }) => leftAlone(takeOver)), ...errors.map(misfit)],
  };
}

function withGroups(groups: readonly Group[], kept: readonly Group[]): readonly Group[] {
  const names = new Set(kept.map(({ name }) => name));
  return sortByName([...groups.filter(({ name }) => !names.has(name)), ...kept]);
}

const nowhere = { file: "", line: 0, column: 0, path: "groups" } as const;

function leftAlone({ group, author, expiresAt }: TakeOverBody): ConfigProblem {
  return {
    ...nowhere,
    severity: "warning",
    message: `group ${quote(group)} is taken over until ${expiresAt} by ${quote(author)}: left alone`,
    hint: "the files count again after that, or after `fleetgate group return`",
  };
}

function misfit({ path, message }: ConfigProblem): ConfigProblem {
  return {
    ...nowhere,
    severity: "error",
    message: `the files do not go with the groups that are taken over: ${path}: ${message}`,
    hint: "return the group first, or keep what it needs",
  };
}
