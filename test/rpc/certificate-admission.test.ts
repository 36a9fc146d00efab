import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ConfigService } from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { sign } from "../identity/support/test-issuer.ts";
import { ask, bearer } from "./support/bench.ts";
import {
  bytesOf,
  certificates,
  checkPath,
  checkServer,
  good,
  json1,
  none,
  openWorld,
  type World,
} from "./support/credential-world.ts";
import { exchangeHttp1 } from "./support/exchange.ts";
import { now } from "./support/keys.ts";
import { createState, keys, usual } from "./support/world.ts";

describe("a client certificate", () => {
  for (const allowAnonymous of [false, true]) {
    describe(allowAnonymous ? "where anonymous peers are allowed" : "where they are not", () => {
      let world: World;
      let token: string;
      before(async () => {
        world = await openWorld(allowAnonymous);
        token = await sign(world.issuer.claims({ email: "root@example.com" }), world.pair);
      });
      after(() => world.close());

      const refused = "unauthenticated";
      const root = "user:root@example.com";
      const anonymous = allowAnonymous ? "anonymous:anonymous" : refused;
      type Row = readonly [certificate: string, noBearer: string, key: string, bad: string];
      const table: readonly Row[] = [
        ["none", anonymous, root, refused],
        ["good", "bot:host1", root, refused],
        ["bad", refused, refused, refused],
        ["of nobody", refused, root, refused],
        ["expired", refused, refused, refused],
        ["not yet valid", refused, refused, refused],
      ];
      for (const [name, noBearer, withGood, withBad] of table) {
        it(`that is ${name}: ${noBearer} alone, ${withGood} beside a good bearer`, async () => {
          world.certificate = certificates[name] ?? assert.fail();
          const bearers: readonly (readonly [string | undefined, string])[] = [
            [undefined, noBearer],
            [keys.root.token, withGood],
            [token, withGood],
            ["a.b.c", withBad],
            ["fg1_ak_x", withBad],
            ["", withBad],
          ];
          for (const [text, expected] of bearers) {
            world.bench.records.length = 0;
            await checkServer(world, text);
            const [record] = world.bench.records;
            const found = record?.code === refused ? refused : record?.peer;
            assert.equal(found, expected, text);
          }
        });
      }

      it("that is nobody's gets the bytes of every bad credential", async () => {
        const { bench } = world;
        const body = Buffer.from("{}");
        const send = async (headers: Readonly<Record<string, string>>) =>
          bytesOf(
            await exchangeHttp1(bench.servers.http1, {
              path: checkPath,
              headers: { ...json1, ...headers },
              body,
            }),
          );
        world.certificate = none;
        const expected = await send(bearer("a.b.c"));
        for (const name of ["bad", "of nobody", "expired"]) {
          world.certificate = certificates[name] ?? assert.fail();
          assert.equal(await send({}), expected, name);
        }
      });

      it("stops to prove anything at its end, also while a body comes in", async () => {
        const { bench } = world;
        world.certificate = good;
        bench.records.length = 0;
        bench.keyUses.length = 0;
        const times = [good.validTo - 1, good.validTo];
        Object.defineProperty(bench, "time", {
          configurable: true,
          get: () => new Date(times.shift() ?? good.validTo),
        });
        assert.equal((await checkServer(world, undefined)).code, refused);
        Object.defineProperty(bench, "time", { configurable: true, writable: true, value: now });
        assert.equal((await checkServer(world, undefined)).code, "permission_denied");
        assert.equal(bench.records.at(-1)?.credential, "certificate f1");
        assert.deepEqual(bench.keyUses, []);
      });
    });
  }

  it("makes administrators only of those who are", async () => {
    const world = await openWorld();
    world.certificate = good;
    const { transport } = world.bench.wires[0] ?? assert.fail();
    const refused = await ask(transport, ConfigService.method.get, {});
    assert.equal(refused.reason, "GROUP_REQUIRED");
    world.bench.replica.state = createState(usual);
    await world.close();
  });
});
