import type { LuciProblem } from "./luci-problem.ts";
import type { TextFields } from "./text-tree.ts";

/** The kinds of LUCI files in text format that can be imported, by the names that they usually have. */
export type LuciFileKind = "realms.cfg" | "pools.cfg" | "bots.cfg" | "settings.cfg";

/**
 * The fields at the top of each kind of file. Those that LUCI has given up are among them: a file that has
 * nothing else is old, and still of its kind.
 */
const topFields: Readonly<Record<LuciFileKind, readonly string[]>> = {
  "realms.cfg": ["custom_roles", "realms"],
  "pools.cfg": [
    "bot_monitoring",
    "default_external_services",
    "forbid_unknown_pools",
    "pool",
    "task_template",
    "task_template_deployment",
  ],
  "bots.cfg": ["bot_group", "trusted_dimensions"],
  "settings.cfg": [
    "auth",
    "bot_death_timeout_secs",
    "bot_deployment",
    "bot_isolate_grpc_proxy",
    "bot_swarming_grpc_proxy",
    "cas",
    "cipd",
    "dimension_acls",
    "display_server_url_template",
    "enable_batch_es_notifications",
    "enable_ts_monitoring",
    "extra_child_src_csp_url",
    "force_bots_to_sleep_and_not_run_task",
    "google_analytics",
    "isolate",
    "max_bot_sleep_time",
    "mp",
    "resultdb",
    "reusable_task_age_secs",
    "traffic_migration",
    "ui_client_id",
    "use_lifo",
  ],
};

const kinds = Object.keys(topFields) as readonly LuciFileKind[];

/**
 * Says that a file is of another kind: it has fields, and none that its kind knows. Undefined for any other
 * file, an empty one too. Skipping all its fields would import nothing without a word.
 */
export function findWrongKind(kind: LuciFileKind, fields: TextFields): LuciProblem | undefined {
  const [first] = fields;
  const names = new Set(fields.map(({ name }) => name));
  const fits = (one: LuciFileKind): boolean => topFields[one].some((name) => names.has(name));
  if (first === undefined || fits(kind)) return undefined;
  const others = kinds.filter(fits);
  const [other] = others;
  const looksLike = other !== undefined && others.length === 1 ? `a ${other}` : "another file";
  const message = `expected a ${kind}, found no field of one at the top; the file looks like ${looksLike}`;
  return { position: first.position, message };
}
