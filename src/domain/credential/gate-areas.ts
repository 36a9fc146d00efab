/** The areas of methods that gates close: those that issue credentials, and the other writes of the fleet. */
export const methodAreas = ["issue", "fleet"] as const;

/** An area of methods. */
export type MethodArea = (typeof methodAreas)[number];

/** What a gate closes: one area, or both. */
export type GateArea = MethodArea | "all";

/** The areas of methods that a gate closes. */
export function areasOf(gate: GateArea): readonly MethodArea[] {
  return gate === "all" ? methodAreas : [gate];
}

/** Whether two gates close a method that is the same. */
export function overlap(one: GateArea, other: GateArea): boolean {
  return one === other || one === "all" || other === "all";
}
