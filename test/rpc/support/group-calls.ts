import { create, type DescMethodUnary, type Message } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import {
  AddMembersRequestSchema,
  CreateGroupRequestSchema,
  DeleteGroupRequestSchema,
  GetGroupRequestSchema,
  GroupService,
  ListGroupsRequestSchema,
  ListMembersRequestSchema,
  RemoveMembersRequestSchema,
  ReturnGroupRequestSchema,
  TakeOverGroupRequestSchema,
  UpdateGroupRequestSchema,
} from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { hiddenNames } from "./hidden-groups.ts";

const { method } = GroupService;

const anyName = fc.constantFrom(
  "team",
  "inner",
  ...hiddenNames,
  "never",
  "x/never",
  "A B",
  "",
  "administrators",
);
/** Mostly the usual, so that requests get beyond their syntax. */
const mostly = <T>(usual: fc.Arbitrary<T>, ...rare: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: usual, weight: 12 }, { arbitrary: fc.constantFrom(...rare), weight: 1 });

const anyMembers = mostly(fc.subarray(["user:a@x.y", "user:A@x.y", "bot:new", "user:s@x.y"]), [
  "nobody",
]);
const nestable = fc.subarray(["h1", "h2", "inner", "zz", "never", "administrators"], {
  maxLength: 2,
});
const maybeGuards = mostly<object | undefined>(
  fc.constant(undefined),
  { maxGained: 1 },
  { maxLost: -1 },
  { allowLockOut: true },
);
const anyReason = mostly(fc.constantFrom("", "why"), "\n");

/** A call of one method. */
export interface Asked {
  readonly method: DescMethodUnary;
  readonly message: Message;
}

/** Every unary method with random requests; writes are only validated. `creatable`: names of new groups. */
export function anyCall(creatable: readonly string[]): fc.Arbitrary<Asked> {
  const write = { validateOnly: fc.constant(true), reason: anyReason, guards: maybeGuards };
  const group = (names: fc.Arbitrary<string>) =>
    fc.record({
      name: names,
      owners: fc.constantFrom("", "h1", "team", "team-owners", "never", "zz"),
      members: anyMembers,
      globs: mostly(fc.subarray(["bot:*"]), ["*"]),
      nested: nestable,
    });
  const page = { pageSize: fc.constantFrom(0, 1, 2, -1), pageToken: fc.constantFrom("", "x") };
  const fields = ["description", "owners", "members", "globs", "nested"];
  const paths = mostly(fc.subarray(fields, { minLength: 1 }), [], ["*"]);
  const etag = mostly(fc.constant(""), "x");
  return fc.oneof(
    fc
      .record({ group: group(fc.constantFrom(...creatable)), ...write })
      .map((it) => ({ method: method.createGroup, message: create(CreateGroupRequestSchema, it) })),
    fc
      .record({ name: anyName, withoutMembers: fc.boolean() })
      .map((it) => ({ method: method.getGroup, message: create(GetGroupRequestSchema, it) })),
    fc
      .record({ ...page, prefix: fc.constantFrom("", "h", "t", "x/", "?") })
      .map((it) => ({ method: method.listGroups, message: create(ListGroupsRequestSchema, it) })),
    fc
      .record({ ...page, group: anyName })
      .map((it) => ({ method: method.listMembers, message: create(ListMembersRequestSchema, it) })),
    fc
      .record({
        group: group(anyName),
        updateMask: paths.map((list) => ({ paths: list })),
        etag,
        ...write,
      })
      .map((it) => ({
        method: method.updateGroup,
        message: create(UpdateGroupRequestSchema, it),
      })),
    fc
      .record({ name: anyName, etag, ...write })
      .map((it) => ({ method: method.deleteGroup, message: create(DeleteGroupRequestSchema, it) })),
    fc
      .record({ group: anyName, members: anyMembers, ...write })
      .map((it) => ({ method: method.addMembers, message: create(AddMembersRequestSchema, it) })),
    fc.record({ group: anyName, members: anyMembers, ...write }).map((it) => ({
      method: method.removeMembers,
      message: create(RemoveMembersRequestSchema, it),
    })),
    fc
      .record({
        name: anyName,
        ...{ validateOnly: fc.constant(true), reason: anyReason },
        duration: mostly<object | undefined>(fc.constant({ seconds: 60n }), undefined, {}),
      })
      .map((it) => ({
        method: method.takeOverGroup,
        message: create(TakeOverGroupRequestSchema, it),
      })),
    fc
      .record({ name: anyName, validateOnly: fc.constant(true), reason: anyReason })
      .map((it) => ({ method: method.returnGroup, message: create(ReturnGroupRequestSchema, it) })),
  );
}

/** All names, also such as no group can have. */
export const everyName = ["team", "inner", ...hiddenNames, "never", "x/never", "A B"];
/** Whoever creates groups learns which names are taken, or hung on: docs/groups.md. */
export const freeNames = ["never", "team", "x/never", "A B"];
