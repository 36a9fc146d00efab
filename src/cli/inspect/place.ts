import type { FreshnessOptions } from "../check/check-options.ts";
import type { TaskInput } from "../check/question.ts";
import { usageError } from "../cli-error.ts";

/** The options that name a place. */
export interface PlaceOptions extends FreshnessOptions {
  readonly server?: boolean;
  readonly pool?: string;
  readonly realm?: string;
  readonly bot?: string;
  readonly task?: string;
  readonly taskRealm?: string;
  readonly taskPool?: string;
  readonly taskBot?: string;
  readonly taskSubmitter?: string;
}

/** A place as the contract has it. */
export type PlaceInput =
  | { readonly case: "server"; readonly value: true }
  | { readonly case: "pool" | "realm" | "botId"; readonly value: string }
  | { readonly case: "task"; readonly value: TaskInput };

/** The one place that the options name; a usage error when it is none or several. */
export function readPlace(options: PlaceOptions): PlaceInput {
  const { server, pool, realm, bot, task } = options;
  const places: PlaceInput[] = [];
  if (server === true) places.push({ case: "server", value: true });
  if (pool !== undefined) places.push({ case: "pool", value: pool });
  if (realm !== undefined) places.push({ case: "realm", value: realm });
  if (bot !== undefined) places.push({ case: "botId", value: bot });
  const { taskRealm = "", taskPool = "", taskBot = "", taskSubmitter = "" } = options;
  if (task !== undefined) {
    const value = {
      taskId: task,
      realm: taskRealm,
      pool: taskPool,
      botId: taskBot,
      submitter: taskSubmitter,
    };
    places.push({ case: "task", value });
  } else if (taskRealm + taskPool + taskBot + taskSubmitter !== "") {
    throw usageError("what is said about a task needs the task itself: --task");
  }
  const [place, second] = places;
  if (place === undefined || second !== undefined) {
    throw usageError("name exactly one place: --server, --pool, --realm, --bot or --task");
  }
  return place;
}
