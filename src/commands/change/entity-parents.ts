import type { Entity, EntityChange, EntityKind } from "../../domain/entity.ts";

/** The entity that another one is a part of: it cannot be without it. */
export interface Parent {
  readonly kind: EntityKind;
  readonly key: string;
}

/** What an entity is a part of; undefined: it stands for itself. */
export function parentOf(
  entity: Pick<Entity, "kind"> & { readonly body: Entity["body"] },
): Parent | undefined {
  const body = entity.body as Partial<Record<"group" | "project" | "realm", string>>;
  switch (entity.kind) {
    case "delegation":
      return { kind: "settings", key: "settings" };
    case "custom_role":
    case "realm":
      return { kind: "project", key: body.project ?? "" };
    case "binding":
      return { kind: "realm", key: `${body.project}:${body.realm}` };
    case "group_member":
    case "group_glob":
    case "group_nested":
    case "group_take_over":
      return { kind: "group", key: body.group ?? "" };
    default:
      return undefined;
  }
}

/** What the entity of a change is a part of. */
export function parentOfChange({ kind, before, after }: EntityChange): Parent | undefined {
  const body = after ?? before;
  return body && parentOf({ kind, body });
}
