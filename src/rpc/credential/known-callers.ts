import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { signAssertion } from "../../credentials/assertion.ts";
import { callerRights } from "../../credentials/caller-info.ts";
import type { Keyring } from "../../credentials/keyring.ts";
import type { Verdict } from "../../credentials/verdict.ts";
import { taskStateAt } from "../../domain/credential/gates.ts";
import type { CredentialRecord } from "../../domain/credential/subject.ts";
import type { TaskState } from "../../domain/credential/task-states.ts";
import type { Identity } from "../../domain/identity.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { IdentifyCallerResponseSchema } from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import { CallerInfoSchema } from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import { compileBinary } from "../fast/encode-message.ts";
import { SelfEncoded } from "../status/binary-text.ts";
import { toCallerInfo } from "./caller-message.ts";

type GoodVerdict = Extract<Verdict, { readonly kind: "good" }>;
type Response = MessageInitShape<typeof IdentifyCallerResponseSchema>;

/** What answers say of a caller, and go on to say while neither its record nor the snapshot is another one. */
export interface KnownCaller {
  readonly info: MessageInitShape<typeof CallerInfoSchema>;
  /** What proves to a peer who the caller is, from `now` (of the database's clock) on; nothing when it cannot be signed. */
  readonly assertion: (
    keyring: Keyring,
    peer: Identity,
    now: number,
  ) => Pick<Response, "assertion" | "assertionExpiresAt">;
}

/** Callers that were told of before. */
export interface KnownCallers {
  /** What is to be told of the bearer of a credential that was found good, at `now` of the database's clock. */
  readonly find: (verdict: GoodVerdict, snapshot: Snapshot, now: number) => KnownCaller;
}

interface Entry extends KnownCaller {
  readonly use: GoodVerdict["use"];
  /** That of a task, which time alone may change. */
  readonly state: TaskState | undefined;
}

/** Of how many callers of a snapshot something is remembered; some kilobytes each. */
export const maxKnownCallers = 8_192;

/** Creates a memory of nobody. What it has of a snapshot goes with it. */
export function createKnownCallers(max = maxKnownCallers): KnownCallers {
  const memories = new WeakMap<Snapshot, Memory>();
  return {
    find: ({ record, use }, snapshot, now) => {
      let memory = memories.get(snapshot);
      if (memory === undefined) {
        memory = createMemory(max);
        memories.set(snapshot, memory);
      }
      const found = memory.get(record);
      if (found?.use === use && found.state === stateOf(record, now)) return found;
      const entry = toEntry(record, use, snapshot, now);
      memory.set(record, entry);
      return entry;
    },
  };
}

interface Memory {
  readonly get: (record: CredentialRecord) => Entry | undefined;
  readonly set: (record: CredentialRecord, entry: Entry) => void;
}

// A record that changes is another object. Those that were not asked for go when as many others came: two halves, of which the
// older one is dropped whole, cost less than an order.
function createMemory(max: number): Memory {
  let young = new Map<CredentialRecord, Entry>();
  let old = new Map<CredentialRecord, Entry>();
  const set: Memory["set"] = (record, entry) => {
    if (young.size >= max / 2) {
      old = young;
      young = new Map();
    }
    young.set(record, entry);
  };
  return {
    get: (record) => {
      const found = young.get(record);
      if (found !== undefined) return found;
      const before = old.get(record);
      if (before !== undefined) set(record, before);
      return before;
    },
    set,
  };
}

function stateOf({ subject }: CredentialRecord, now: number): TaskState | undefined {
  return subject.kind === "task" ? taskStateAt(subject, now) : undefined;
}

function toEntry(
  record: CredentialRecord,
  use: GoodVerdict["use"],
  snapshot: Snapshot,
  now: number,
): Entry {
  const rights = callerRights(record, use, snapshot);
  const { permissions } = rights;
  let signed: Signed | undefined;
  return {
    use,
    state: stateOf(record, now),
    info: Object.assign(new EncodedInfo(), toCallerInfo(record, rights, now)),
    assertion: (keyring, peer, now) => {
      const second = Math.floor(now / 1000);
      const keyId = keyring.activeKey("assertion");
      // Its times are whole seconds: signed again within one by the same key, it would be the same to the byte.
      if (signed?.second !== second || signed.peer !== peer || signed.keyId !== keyId) {
        const made = signAssertion(keyring, { record, use, permissions, peer }, now);
        if (made === undefined) return nothing;
        const { text: assertion, expiresAt } = made;
        const fields = { assertion, assertionExpiresAt: timestampFromMs(expiresAt) };
        signed = { second, peer, keyId, fields };
      }
      return signed.fields;
    },
  };
}

interface Signed {
  readonly second: number;
  readonly peer: Identity;
  readonly keyId: string | undefined;
  readonly fields: Pick<Response, "assertion" | "assertionExpiresAt">;
}

const nothing = {};

const encodeInfo = compileBinary(CallerInfoSchema);

/** A CallerInfo in plain values, whose bytes are made once. */
class EncodedInfo extends SelfEncoded {
  #bytes: string | undefined;

  override binary(): string {
    if (encodeInfo === undefined) throw new Error("the encoder does not know all of CallerInfo");
    this.#bytes ??= encodeInfo(this);
    return this.#bytes;
  }
}
