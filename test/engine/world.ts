import assert from "node:assert/strict";
import { parseIdentity, type Identity } from "../../src/domain/identity.ts";
import type { ExpandedBinding, ExpandedRealm } from "../../src/domain/expanded.ts";
import { defaultSettings, type BotGroup, type Group, type Pool } from "../../src/domain/model.ts";
import { swarmingPermissions } from "../../src/domain/permissions.ts";
import type { Decision, Denial } from "../../src/engine/decision.ts";
import {
  createSnapshot,
  type EngineWarning,
  type Snapshot,
  type SnapshotInput,
} from "../../src/engine/snapshot.ts";

/** The identity that a well-formed text is. */
export function id(text: string): Identity {
  const identity = parseIdentity(text);
  assert.ok(identity !== undefined, `${text} is not an identity`);
  return identity;
}

/** A group that is empty but for what is given. */
export function group(name: string, parts: Partial<Omit<Group, "name">> = {}): Group {
  return {
    name,
    description: "",
    owners: "administrators",
    members: [],
    globs: [],
    nested: [],
    ...parts,
  };
}

/** A realm with its bindings. */
export function realm(name: string, ...bindings: readonly ExpandedBinding[]): ExpandedRealm {
  return { name, bindings };
}

/** A binding of one permission. */
export function bind(
  permission: string,
  principals: readonly string[],
  conditions: ExpandedBinding["conditions"] = [],
): ExpandedBinding {
  return { permissions: [permission], principals, conditions };
}

/** A pool without a default task realm. */
export function pool(name: string, realmName: string): Pool {
  return { name, realm: realmName, defaultTaskRealm: "" };
}

/** A bot group that is empty but for what is given. */
export function bots(name: string, parts: Partial<Omit<BotGroup, "name">> = {}): BotGroup {
  return { name, botIds: [], botIdPrefixes: [], pools: [], ...parts };
}

/** An input that is empty but for what is given and the built-in permissions. */
export function input(parts: Partial<SnapshotInput> = {}): SnapshotInput {
  return {
    revision: 1n,
    settings: defaultSettings,
    permissions: swarmingPermissions,
    realms: [],
    pools: [],
    botGroups: [],
    groups: [],
    ...parts,
  };
}

/** A snapshot of such an input. */
export function world(parts: Partial<SnapshotInput> = {}): Snapshot {
  return createSnapshot(input(parts));
}

/** A snapshot and the list that its warnings go to. */
export function worldWithWarnings(parts: Partial<SnapshotInput> = {}): {
  readonly snapshot: Snapshot;
  readonly warnings: readonly EngineWarning[];
} {
  const warnings: EngineWarning[] = [];
  const snapshot = createSnapshot(input(parts), (warning) => warnings.push(warning));
  return { snapshot, warnings };
}

/** Asserts that a decision is yes. */
export function assertPermitted(decision: Decision): void {
  assert.deepEqual(decision, { permitted: true });
}

/** Asserts that a decision is no, with exactly this message and this metadata. */
export function assertDenied(
  decision: Decision,
  message: string,
  metadata: Readonly<Record<string, string>>,
): void {
  assert.deepEqual(wordsOf(decision), { message, metadata });
}

/** What a decision says, to be compared; undefined: permitted. A denial makes its words when they are read. */
export function wordsOf(decision: Decision): Denial | undefined {
  return decision.permitted ? undefined : decision.denial;
}
