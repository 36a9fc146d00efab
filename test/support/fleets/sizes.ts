/** The named sizes of fleets: 10, 1,000, 10,000, 100,000 and 1,000,000 memberships. */
export type FleetSize = "tiny" | "small" | "medium" | "large" | "huge";

/** How much of each thing a fleet has. */
export interface FleetShape {
  /** Members of all groups together, nested groups not counted. */
  readonly memberships: number;
  readonly people: number;
  readonly services: number;
  /** Groups, without the handful that the settings name. */
  readonly groups: number;
  /** The depth of nesting, 1: no group is nested. */
  readonly levels: number;
  readonly projects: number;
  /** Realms a project, `@root` not counted. */
  readonly realms: number;
  /** The most bindings a realm. */
  readonly bindings: number;
  readonly pools: number;
  /** The most hosts that one bot group lists. */
  readonly hosts: number;
}

/** The shape of every named size. */
export const fleetShapes: Readonly<Record<FleetSize, FleetShape>> = {
  tiny: {
    memberships: 10,
    people: 6,
    services: 2,
    groups: 5,
    levels: 3,
    projects: 2,
    realms: 2,
    bindings: 3,
    pools: 4,
    hosts: 3,
  },
  small: {
    memberships: 1_000,
    people: 300,
    services: 30,
    groups: 40,
    levels: 4,
    projects: 4,
    realms: 5,
    bindings: 6,
    pools: 20,
    hosts: 20,
  },
  medium: {
    memberships: 10_000,
    people: 2_500,
    services: 200,
    groups: 300,
    levels: 5,
    projects: 12,
    realms: 10,
    bindings: 10,
    pools: 100,
    hosts: 60,
  },
  large: {
    memberships: 100_000,
    people: 20_000,
    services: 1_500,
    groups: 2_500,
    levels: 6,
    projects: 40,
    realms: 20,
    bindings: 20,
    pools: 500,
    hosts: 120,
  },
  huge: {
    memberships: 1_000_000,
    people: 270_000,
    services: 25_000,
    groups: 20_000,
    levels: 6,
    projects: 100,
    realms: 50,
    bindings: 38,
    pools: 2_000,
    hosts: 200,
  },
};
