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

/** What answers say of a caller, and go on to say while neither its record nor the configuration is another one. */
export interface KnownCaller {
  readonly info: SelfEncoded & MessageInitShape<typeof CallerInfoSchema>;
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
  readonly record: CredentialRecord;
  readonly use: GoodVerdict["use"];
  /** That of a task, which time alone may change. */
  readonly state: TaskState | undefined;
}

/** Of how many callers a process remembers what it told. */
export const maxKnownCallers = 8_192;

/** The most bytes that are remembered of what was told of one; who is told of at greater length is told of anew each time. */
export const maxKnownBytes = 8 * 1024;

/** Creates a memory of nobody. It is of the newest configuration that was asked about, and is empty again when there is a newer one. */
export function createKnownCallers(max = maxKnownCallers): KnownCallers {
  // Groups and policy have an auth database made anew whenever they change, and no other revision has; of nothing else in a snapshot
  // does it depend what a caller may do. Older ones were asked about before: a database that is restored may count from less again.
  const memories = new WeakMap<Snapshot["authDb"], Memory>();
  let newest: Memory | undefined;

  function memoryOf({ authDb }: Snapshot): Memory {
    const known = memories.get(authDb);
    if (known !== undefined) return known;
    newest?.clear();
    newest = createMemory(max);
    memories.set(authDb, newest);
    return newest;
  }

  return {
    find: ({ record, use }, snapshot, now) => {
      const memory = memoryOf(snapshot);
      const found = memory.get(record.id);
      const isSame = found?.record === record && found.use === use;
      if (isSame && found.state === stateOf(record, now)) return found;
      const entry = toEntry(record, use, snapshot, now);
      if (memory === newest && entry.info.binary().length <= maxKnownBytes) {
        memory.set(record.id, entry);
      }
      return entry;
    },
  };
}

interface Memory {
  readonly get: (id: string) => Entry | undefined;
  readonly set: (id: string, entry: Entry) => void;
  readonly clear: () => void;
}

// A record that is read again is another object, and takes the place of the one before. Those that were not asked for go when as many
// others came: two halves, of which the older one is dropped whole, cost less than an order.
function createMemory(max: number): Memory {
  let young = new Map<string, Entry>();
  let old = new Map<string, Entry>();
  const set: Memory["set"] = (id, entry) => {
    if (young.size >= max / 2 && !young.has(id)) {
      old = young;
      young = new Map();
    }
    young.set(id, entry);
  };
  return {
    get: (id) => {
      const found = young.get(id);
      if (found !== undefined) return found;
      const before = old.get(id);
      if (before !== undefined) {
        old.delete(id);
        set(id, before);
      }
      return before;
    },
    set,
    clear: () => {
      young.clear();
      old.clear();
    },
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
    record,
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
