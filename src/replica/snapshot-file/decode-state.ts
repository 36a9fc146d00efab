import { Buffer } from "node:buffer";
import {
  createPolicyDraft,
  policyFromEntitiesInSteps,
  type PolicyDraft,
} from "../../config/from-entities.ts";
import type { ApiKeyBody, TakeOverBody } from "../../domain/entity.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Steps } from "../../domain/steps.ts";
import { createTexts, type Texts } from "../../domain/texts.ts";
import { createGroupGraphBuilder } from "../../engine/group-graph-builder.ts";
import type { EngineWarning } from "../../engine/snapshot.ts";
import { createReplicaStateInSteps, type ReplicaState } from "../state.ts";
import type { SnapshotHead } from "./head.ts";
import { SnapshotFileError } from "./snapshot-file-error.ts";

/** Takes the records of a file, whose digest was verified, in their order. */
export interface StateDecoder {
  /** Takes the line of a record. Throws SnapshotFileError when there is no such kind, and what JSON.parse throws. */
  readonly take: (line: string) => void;
  /** The state, in steps; throws SnapshotFileError when records are missing. */
  readonly finish: () => Steps<ReplicaState>;
}

/** Creates a decoder of the records that encodeState makes. */
export function createStateDecoder(
  head: SnapshotHead,
  onWarning?: (warning: EngineWarning) => void,
): StateDecoder {
  const builder = createGroupGraphBuilder();
  const texts = createTexts();
  const drafts = new Map<string, PolicyDraft>();
  const recentHashes = new Map<bigint, Uint8Array>();
  const sources = new Map<string, { readonly revision: bigint }>();
  const apiKeys: ApiKeyBody[] = [];
  const takeOvers: TakeOverBody[] = [];
  let tokenKey: Uint8Array | undefined;
  let draft = createPolicyDraft();
  let group = "";
  let ended = false;

  function takeEntity(kind: string, body: object): void {
    if (!Object.hasOwn(draft, kind)) throw unknownKind(kind);
    // Each body was written under its kind, without the key that told it apart.
    const entities = draft[kind as keyof PolicyDraft] as Map<string, object>;
    entities.set(entities.size.toString(), shareTexts(body, texts) as object);
  }

  const takers: Readonly<Record<string, (fields: readonly string[]) => void>> = {
    token_key: ([key = ""]) => {
      tokenKey = bytesOf(key);
    },
    hash: ([revision = "", hash = ""]) => void recentHashes.set(BigInt(revision), bytesOf(hash)),
    policy: ([source = ""]) => {
      draft = createPolicyDraft();
      drafts.set(source, draft);
    },
    entity: ([kind = "", body]) => takeEntity(kind, body as unknown as object),
    source: ([source = "", revision = ""]) => {
      sources.set(source, { revision: BigInt(revision) });
    },
    api_key: ([key]) => void apiKeys.push(key as unknown as ApiKeyBody),
    take_over: ([takeOver]) => void takeOvers.push(takeOver as unknown as TakeOverBody),
    group: ([name = "", description = "", owners = "", managedBy = "", revision = ""]) => {
      group = name;
      builder.addGroup({ name, description, owners, managedBy, revision: BigInt(revision) });
    },
    members: ([members]) => builder.addMembers(group, members as unknown as readonly string[]),
    globs: ([globs]) => {
      for (const glob of globs as unknown as readonly string[]) builder.addGlob(group, glob);
    },
    nested: ([groups]) => {
      for (const text of groups as unknown as readonly string[]) builder.addNested(group, text);
    },
    end: () => {
      ended = true;
    },
  };

  return {
    take: (line) => {
      const [kind = "", ...fields] = JSON.parse(line) as readonly string[];
      const taker = Object.hasOwn(takers, kind) ? takers[kind] : undefined;
      if (taker === undefined) throw unknownKind(kind);
      taker(fields);
    },
    finish: function* finish() {
      if (!ended || tokenKey === undefined) throw new SnapshotFileError("it lacks records");
      const policies = new Map<string, Policy>();
      for (const [source, of] of drafts) {
        policies.set(source, yield* policyFromEntitiesInSteps(of));
      }
      const loaded = { ...head, tokenKey, recentHashes, policies, sources, apiKeys, takeOvers };
      const groups = yield* builder.buildInSteps();
      return yield* createReplicaStateInSteps(loaded, groups, onWarning);
    },
  };
}

/** A value of JSON, which is changed in its place, with one copy of equal texts. */
function shareTexts(value: unknown, texts: Texts): unknown {
  if (typeof value === "string") return texts.one(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === "string")
      ? texts.list(value)
      : value.map((item) => shareTexts(item, texts));
  }
  const fields = value as Record<string, unknown>;
  for (const name of Object.keys(fields)) fields[name] = shareTexts(fields[name], texts);
  return fields;
}

function unknownKind(kind: string): SnapshotFileError {
  return new SnapshotFileError(`it has a record of an unknown kind: ${JSON.stringify(kind)}`);
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(hex, "hex"));
  if (bytes.length !== 32) throw new SnapshotFileError("it has a key or hash that is none");
  return bytes;
}
