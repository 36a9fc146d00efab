import type { Identity } from "../domain/identity.ts";
import type { CollectGroups } from "./effective-groups.ts";
import type { GlobIndex } from "./glob-index.ts";
import type { GroupEntry } from "./group-entry.ts";
import type { GroupIds } from "./group-ids.ts";
import type { IdList } from "./id-list.ts";
import type { PagedLists } from "./paged-lists.ts";
import type { VersionedMap } from "./versioned-map.ts";

/** What a version of the graph of groups is made of. */
export interface GroupParts {
  /** Of all versions of the line; a branch adds its own. */
  readonly ids: GroupIds;
  /** Of all versions of the lineage: it is used by one at a time. */
  readonly collect: CollectGroups;
  /** By name. */
  readonly entries: VersionedMap<string, GroupEntry>;
  /** By folded identity: the groups that list it. */
  readonly listings: VersionedMap<Identity, IdList>;
  readonly globs: GlobIndex;
  /** By id, of groups that do not exist too: the groups that nest it. */
  readonly parents: PagedLists;
}
