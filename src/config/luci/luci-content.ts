import type { BotsCfg } from "./bots-cfg.ts";
import type { GroupLists } from "./group-lists.ts";
import type { ImportedProject } from "./imported-config.ts";
import type { LuciPools } from "./pools-cfg.ts";
import type { LuciFileContent } from "./read-luci-file.ts";
import type { RealmsCfg } from "./realms-cfg.ts";
import type { LuciSettings } from "./settings-cfg.ts";

/** What was read, without problems, and what it came to. */
export interface LuciContent {
  readonly realms: readonly (LuciFileContent<RealmsCfg> & {
    readonly content: RealmsCfg;
    readonly project: ImportedProject;
  })[];
  readonly pools: LuciFileContent<readonly LuciPools[]> | undefined;
  readonly bots: LuciFileContent<BotsCfg> | undefined;
  readonly settings: LuciFileContent<LuciSettings> | undefined;
  readonly groups: GroupLists | undefined;
}
