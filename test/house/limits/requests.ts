import { maxWatchedClaims } from "../../../src/rpc/credential/watch-claims.ts";
import { maxListedItems } from "../../../src/commands/apply-config.ts";
import { maxPageSize } from "../../../src/commands/page-size.ts";
import { maxEffects } from "../../../src/engine/effects/effects.ts";
import { maxGrants, maxMemberships } from "../../../src/engine/inspect/explanation.ts";
import { maxChangesPerGrant } from "../../../src/engine/inspect/grants-for-all-pools.ts";
import { maxRebuilds, maxRebuilt, rebuiltMs } from "../../../src/replica/rebuilds.ts";
import { maxChecks } from "../../../src/rpc/acl/batch.ts";
import { maxAwayMs } from "../../../src/credentials/missed-revocations.ts";
import { maxBacklog } from "../../../src/credentials/revocation-queue.ts";
import { maxWatches } from "../../../src/rpc/credential/watch-slots.ts";
import { maxInquiries } from "../../../src/rpc/credential/caller-methods.ts";
import { maxResources } from "../../../src/rpc/acl/packed-syntax.ts";
import { maxPools } from "../../../src/rpc/acl/pool-checks.ts";
import { maxListings } from "../../../src/rpc/inspect/listing-memo.ts";
import {
  maxAclBytes,
  maxAdminBytes,
  maxGroupBytes,
  maxPublicBytes,
} from "../../../src/rpc/router.ts";
import { maxHealthWatchers } from "../../../src/server/health.ts";
import { maxWriters } from "../../../src/storage/transaction.ts";
import { count, mebi, type Limits } from "./probes.ts";

/** Of requests, streams and answers. */
export const requestLimits: Limits = {
  "request of AclService, InspectService and ChangeService": () => `${mebi(maxAclBytes)}B`,
  "request of ConfigService and ApiKeyService": () => `${mebi(maxAdminBytes)}B`,
  "request to GroupService that takes members, and message of ImportGroups; from a peer that may write no group":
    () => `${mebi(maxGroupBytes)}B; ${mebi(maxAclBytes)}B`,
  "message to health or reflection": () => `${maxPublicBytes / 1024} KiB`,
  "pools in one question": () => count(maxPools),
  "checks in one BatchCheck": () => count(maxChecks),
  "pools, tasks or bots in one BatchCheckPacked": () => count(maxResources),
  "tokens in one BatchIdentifyCallers": () => count(maxInquiries),
  "streams that watch revocations of a process (`watches`): of one peer; in all": () =>
    `${count(maxWatches.ofPeer)}; ${count(maxWatches.inAll)}`,
  "streams that watch claims of a process (`claim_watches`): of one peer; in all; claims of one; claims of all":
    () =>
      `${count(maxWatches.ofPeer)}; ${count(maxWatches.inAll)}; ${count(maxWatchedClaims)}; ${count(maxWatches.things)}`,
  "changes that wait for one such stream to be read (`watch_backlog`), which ends beyond it; for how long one may be away and go on from its cursor":
    () => `${count(maxBacklog)}; ${count(maxAwayMs / 3_600_000)} hour`,
  page: () => `${count(maxPageSize)} entries`,
  "earlier states that a process rebuilds or has waiting (`rebuilds`); a check beyond it is `FRESHNESS_NOT_REACHED`":
    () => count(maxRebuilds),
  "earlier states that are remembered; for how long": () =>
    `${count(maxRebuilt)}; ${rebuiltMs / 60_000} minute`,
  "grants in one explanation; changes in one grant": () =>
    `${count(maxGrants)}; ${count(maxChangesPerGrant)}`,
  "memberships in one explanation; `LIMIT_EXCEEDED` calls it `explanation_memberships`": () =>
    count(maxMemberships),
  "entries of the effects of a change; `LIMIT_EXCEEDED` calls it `effects`, and `summary_only` of Apply goes without them":
    () => count(maxEffects),
  "entities that Apply with validate_only lists (`change_items`)": () => count(maxListedItems),
  "listings that are remembered for their next pages, in each snapshot": () => count(maxListings),
  "streams that watch the health of a process: in one connection; in all": () =>
    `${count(maxHealthWatchers.inOneConnection)}; ${count(maxHealthWatchers.inAll)}`,
  "writes that a process carries out or has waiting (`writers`); nothing of one beyond it is written":
    () => count(maxWriters),
};
