import assert from "node:assert/strict";
import { OptionsError } from "../../../src/server/options-error.ts";
import { readServerOptions } from "../../../src/server/options.ts";

/** Where options come from. */
export type Sources = Parameters<typeof readServerOptions>[0];

/** A secret that no problem may show. */
export const canary = "S3cretCanary";

/** The database of {@link read}. */
export const url = `postgres://fleetgate:${canary}@db.example.com/fleetgate`;

/** Reads sources; what is not given is empty but for the database. */
export function read(sources: Partial<Sources>): ReturnType<typeof readServerOptions> {
  return readServerOptions({ env: { DATABASE_URL: url }, flags: {}, ...sources });
}

/** The problems of the sources, which must have some, and must show no secret. */
export function problems(sources: Partial<Sources>): readonly string[] {
  try {
    read(sources);
  } catch (error) {
    assert.ok(error instanceof OptionsError);
    assert.ok(!error.message.includes(canary), error.message);
    return error.problems;
  }
  return assert.fail("there is no problem");
}

/** An options file. */
export const file = (text: string): NonNullable<Sources["file"]> => ({
  path: "fleetgate.server.yaml",
  text,
});
