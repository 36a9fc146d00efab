import {
  KeyPurposeSchema,
  KeyStateSchema,
  type SigningKey,
} from "../../gen/fleetgate/credential/v1/key_service_pb.ts";
import { wordOf } from "../enum-words.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";

/** The header of a table of keys. */
export const keyHeader: readonly string[] = [
  "PURPOSE",
  "KEY",
  "STATE",
  "HELD BY",
  "HERE",
  "CREATED",
];

/** A key as a row of that table. */
export function toKeyRow(key: SigningKey): readonly string[] {
  return [
    wordOf(KeyPurposeSchema, key.purpose),
    plain(key.keyId),
    formatKeyState(key),
    `${key.heldBy} of ${key.replicas}`,
    key.heldHere ? "yes" : "no",
    formatTime(key.createdAt, "-"),
  ];
}

/** `passive until 2030-01-02T03:04:05Z`. */
export function formatKeyState({ state, passiveUntil }: SigningKey): string {
  const until = passiveUntil === undefined ? "" : ` until ${formatTime(passiveUntil, "")}`;
  return `${wordOf(KeyStateSchema, state)}${until}`;
}
