import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { activateKey } from "../../commands/signing-key/activate-key.ts";
import type { KeyView } from "../../commands/signing-key/key-view.ts";
import { listKeys } from "../../commands/signing-key/list-keys.ts";
import type { KeyInput } from "../../commands/signing-key/requested-key.ts";
import { retireKey } from "../../commands/signing-key/retire-key.ts";
import type { KeyState as StoredState } from "../../credentials/keys/held-keyring.ts";
import type { KeyPurpose as StoredPurpose } from "../../credentials/keyring.ts";
import {
  KeyPurpose,
  KeyState,
  type KeyService,
  type SigningKeySchema,
} from "../../gen/fleetgate/credential/v1/key_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall } from "./begin-credential-call.ts";

/** The implementation of KeyService. */
export function keyRoutes(deps: RpcDeps): ServiceImpl<typeof KeyService> {
  return {
    listKeys: async (_request, context) => {
      const { area } = beginCredentialCall(deps, context);
      const keys = await listKeys({ storage: area.commands.storage, keys: area.keys });
      return { keys: keys.map(toSigningKey) };
    },
    activateKey: async (request, context) => {
      const { area, actor } = beginCredentialCall(deps, context);
      const keyDeps = { storage: area.commands.storage, keys: area.keys };
      return { key: toSigningKey(await activateKey(keyDeps, actor, inputOf(request))) };
    },
    retireKey: async (request, context) => {
      const { area, actor } = beginCredentialCall(deps, context);
      const keyDeps = { storage: area.commands.storage, keys: area.keys };
      return { key: toSigningKey(await retireKey(keyDeps, actor, inputOf(request))) };
    },
  };
}

const purposes: Readonly<Record<StoredPurpose, KeyPurpose>> = {
  url: KeyPurpose.URL,
  assertion: KeyPurpose.ASSERTION,
  lookup: KeyPurpose.LOOKUP,
};

const storedPurposes: ReadonlyMap<KeyPurpose, StoredPurpose> = new Map([
  [KeyPurpose.URL, "url"],
  [KeyPurpose.ASSERTION, "assertion"],
  [KeyPurpose.LOOKUP, "lookup"],
]);

const states: Readonly<Record<StoredState, KeyState>> = {
  next: KeyState.NEXT,
  active: KeyState.ACTIVE,
  passive: KeyState.PASSIVE,
  retired: KeyState.RETIRED,
};

function inputOf(request: {
  readonly purpose: KeyPurpose;
  readonly keyId: string;
  readonly force: boolean;
}): KeyInput {
  const { purpose, keyId, force } = request;
  return { purpose: storedPurposes.get(purpose), keyId, force };
}

function toSigningKey(view: KeyView): MessageInitShape<typeof SigningKeySchema> {
  const { createdAt, passiveUntil } = view;
  return {
    keyId: view.id,
    purpose: purposes[view.purpose],
    state: states[view.state],
    ...(createdAt === undefined ? {} : { createdAt: timestampFromDate(createdAt) }),
    ...(passiveUntil === undefined ? {} : { passiveUntil: timestampFromDate(passiveUntil) }),
    ...{ heldHere: view.heldHere, heldBy: view.heldBy, replicas: view.replicas },
  };
}
