import assert from "node:assert/strict";
import type { Actor } from "../../../src/credentials/deps.ts";
import { setBotState } from "../../../src/commands/bot/set-bot-state.ts";
import { closeSession } from "../../../src/commands/session/close-session.ts";
import { openSession, type OpenSessionInput } from "../../../src/commands/session/open-session.ts";
import { takeOverSession } from "../../../src/commands/session/take-over-session.ts";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import { readSubject } from "../../../src/storage/credential/subjects.ts";
import { hasReason } from "../../support/errors.ts";
import type { World } from "../bot/world.ts";

/** The credential of the peer is not accepted. */
export const refused = hasReason("CREDENTIAL_REQUIRED");

/** A day in milliseconds. */
export const day = 86_400_000;

/** Two nonces of TakeOverSession; the first is what it is called with if nothing is said. */
export const [nonce, otherNonce] = ["n".repeat(16), "m".repeat(64)] as const;

/** How TakeOverSession is called. */
export interface TakeOver {
  readonly nonce?: string;
  readonly ttl?: number;
}

/** The commands about sessions, as tests call them. */
export function createSessions(world: World) {
  const { deps, snapshot } = world;
  const takeOverAs = (who: Actor, input: TakeOver = {}) =>
    takeOverSession(deps, snapshot, who, { nonce, ttl: undefined, ...input });
  return {
    open: async (token: string, input: Partial<OpenSessionInput> = {}) => {
      const usual = { ttl: undefined, audiences: [] };
      return openSession(deps, snapshot, await world.by(token), { ...usual, ...input });
    },
    takeOverAs,
    takeOver: async (token: string, input: TakeOver = {}) =>
      takeOverAs(await world.by(token), input),
    close: (who: Actor, botId = "") => closeSession(deps, snapshot, who, { botId }),
    /** Whether a session token is good: what its bot tells by it. */
    works: async (token: string): Promise<boolean> => {
      const nothing = { id: "", runnerState: undefined, instanceState: undefined };
      const report = { ...nothing, agentId: 0n, expectedVersion: 0n };
      try {
        await setBotState(deps, snapshot, await world.by(token), report);
        return true;
      } catch (error) {
        assert.ok(refused(error), String(error));
        return false;
      }
    },
    /** The stored credential of a token. */
    row: async (token: string) => {
      const { id = "" } = parseBearerToken(token) ?? {};
      const all = world.storage.db.selectFrom("credential").selectAll();
      return all.where("id", "=", id).executeTakeFirstOrThrow();
    },
    epochOf: async (uid: string) => (await readSubject(world.storage.db, { uid }))?.epoch,
  };
}

/** The commands of a test. */
export type Sessions = ReturnType<typeof createSessions>;
