import { unmanaged } from "../../domain/names.ts";
import type { Configuration } from "../../domain/model.ts";
import type { LocatedConfig } from "../located-config.ts";
import type { ProblemList } from "../problem-list.ts";
import type { Known } from "./known.ts";

/** What every rule works on. */
export interface RuleContext {
  /** What the files of the source hold. */
  readonly config: LocatedConfig;
  /** What all other sources manage; `unmanaged` stands for the groups that are edited by hand. */
  readonly others: ReadonlyMap<string, Configuration>;
  /** What there is, in this source and the others together. */
  readonly known: Known;
  readonly problems: ProblemList;
  /** The groups whose absence was told already: once is enough for a name that stands everywhere. */
  readonly missingGroups: Set<string>;
}

/** A source for a message. */
export function describeSource(source: string): string {
  return source === unmanaged
    ? "the groups edited by hand"
    : `the source ${JSON.stringify(source)}`;
}
