import type { Random } from "./random.ts";
import type { FleetShape } from "./sizes.ts";

const firstNames = ["ann", "bob", "chen", "dana", "eve", "femi", "gita", "hugo", "ines", "jun"];
const lastNames = ["adler", "brown", "costa", "diaz", "evans", "fuchs", "gupta", "haas", "ito"];
const domains = ["corp.example.com", "corp.example.com", "partner.example.org", "example.net"];
const robots = ["builder", "scheduler", "ui", "cache", "provisioner"];

/** Everybody in a fleet, each text in lower case. The most active ones stand first. */
export interface Identities {
  readonly people: readonly string[];
  /** `user:` accounts of software. */
  readonly accounts: readonly string[];
  readonly services: readonly string[];
  /** All of them, and a few of the other kinds: what groups draw their members from. */
  readonly all: readonly string[];
}

/** Makes up the people, accounts and services of a fleet. */
export function makeIdentities(random: Random, shape: FleetShape): Identities {
  const people = Array.from({ length: shape.people }, (_, index) => {
    const name = `${random.pick(firstNames)}.${random.pick(lastNames)}`;
    return `user:${name}${index}@${random.pick(domains)}`;
  });
  const accounts: string[] = [];
  const services: string[] = [];
  for (let index = 0; index < shape.services; index += 1) {
    const name = `${random.pick(robots)}-${index}`;
    if (random.chance(50)) accounts.push(`user:${name}@accounts.example.com`);
    else services.push(`service:${name}`);
  }
  const others = Array.from({ length: Math.ceil(shape.services / 10) }, (_, index) =>
    random.pick([`bot:host-${index}`, `project:project-${index}`, `runner:runner-${index}`]),
  );
  return { people, accounts, services, all: [...people, ...accounts, ...services, ...others] };
}

/** An identity as a person may type it: now and then with capitals, which for users change nothing. */
export function asTyped(random: Random, identity: string): string {
  if (!identity.startsWith("user:") || !random.chance(10)) return identity;
  const value = identity.slice("user:".length);
  return `user:${value.charAt(0).toUpperCase()}${value.slice(1)}`;
}
