import type { Grant } from "../../../src/engine/inspect/explanation.ts";
import type { CheckQuestion } from "../../../src/engine/inspect/question.ts";
import type { World } from "../../spec/world.ts";
import { ann, explainIn } from "./explain-world.ts";

/** The role of pool users, who may create tasks. */
export const user = "role/swarming.poolUser";

/** The grants of a denial of Ann in short, each with its size. */
export function grantsIn(world: World, question: CheckQuestion): readonly string[] {
  return explainIn(world, ann, question).grants.map(inShort);
}

/** A grant in short: what it changes, and its size. */
export function inShort({ changes, size }: Grant): string {
  const parts = changes.map((change) => {
    if (change.kind === "add_member") return `join ${change.group}`;
    const realm = change.createRealm ? `new ${change.realm}` : change.realm;
    const role = change.createRoleWith.length > 0 ? `new ${change.role}` : change.role;
    return `${role} in ${realm}`;
  });
  return `${parts.join(" + ")}: ${size}`;
}
