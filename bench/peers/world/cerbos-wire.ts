import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { everybodysRole, type CerbosWorld } from "./cerbos-policies.ts";
import type { Question } from "./questions.ts";

// The messages of cerbos.svc.v1 that are needed, by hand: their definitions are no part of Fleetgate.

/** The method that Cerbos is asked. */
export const cerbosPath = "/cerbos.svc.v1.CerbosService/CheckResources";

/** How policies are written. */
export type CerbosVariant = "derived" | "plain";

/** A CheckResourcesRequest: one principal, one action, a resource for each pool. */
export function encodeCheckResources(
  { caller, permission, pools }: Question,
  variant: CerbosVariant,
  world: CerbosWorld,
): Uint8Array {
  const identity = world.identityOf(caller);
  const names = [...world.groupsOf(caller), ...(identity === undefined ? [] : [identity])];
  const request = new BinaryWriter();
  request.tag(3, WireType.LengthDelimited).fork();
  request.tag(1, WireType.LengthDelimited).string(caller);
  const roles = variant === "plain" ? [everybodysRole, ...names] : [everybodysRole];
  for (const role of roles) request.tag(3, WireType.LengthDelimited).string(role);
  if (variant === "derived") writeGroups(request, names);
  request.join();
  for (const pool of pools) {
    request.tag(4, WireType.LengthDelimited).fork();
    request.tag(1, WireType.LengthDelimited).string(permission);
    request.tag(2, WireType.LengthDelimited).fork();
    request.tag(1, WireType.LengthDelimited).string(`${variant}_${world.kindOf(pool)}`);
    request.tag(3, WireType.LengthDelimited).string(pool);
    request.join().join();
  }
  return request.finish();
}

/** An entry of the map `attr`: a google.protobuf.Value that is a list of texts. */
function writeGroups(principal: BinaryWriter, names: readonly string[]): void {
  principal.tag(4, WireType.LengthDelimited).fork();
  principal.tag(1, WireType.LengthDelimited).string("groups");
  principal.tag(2, WireType.LengthDelimited).fork();
  principal.tag(6, WireType.LengthDelimited).fork();
  for (const name of names) {
    principal.tag(1, WireType.LengthDelimited).fork();
    principal.tag(3, WireType.LengthDelimited).string(name);
    principal.join();
  }
  principal.join().join().join();
}

const effectAllow = 1;

/** What a CheckResourcesResponse says of each resource, in order: 1 allowed, 0 not. */
export function decodeCheckResources(bytes: Uint8Array): Uint8Array {
  const answers: number[] = [];
  eachField(bytes, (field, value) => {
    if (field === 2) answers.push(readResult(value));
  });
  return Uint8Array.from(answers);
}

/** The response without the id of the call, which is another one each time. */
export function withoutCallId(bytes: Uint8Array): Uint8Array {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, type] = reader.tag();
    if (field === 3) return bytes.subarray(0, start);
    reader.skip(type);
  }
  return bytes;
}

function readResult(bytes: Uint8Array): number {
  let effect = 0;
  eachField(bytes, (field, entry) => {
    if (field !== 2) return;
    const reader = new BinaryReader(entry);
    while (reader.pos < reader.len) {
      const [key, type] = reader.tag();
      if (key === 2) effect = reader.int32();
      else reader.skip(type);
    }
  });
  return effect === effectAllow ? 1 : 0;
}

/** The fields of a message that hold bytes. */
function eachField(bytes: Uint8Array, take: (field: number, value: Uint8Array) => void): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) take(field, reader.bytes());
    else reader.skip(type);
  }
}
