import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { before, describe, test, type TestContext } from "node:test";
import { createEngineFleetgate } from "../../src/testing/index.ts";
import { importPackageFromSource } from "../support/package-source.ts";

const yaml = `
settings:
  delegations: [{ group: services, caller_globs: ["user:*"] }]
groups:
  - name: services
    members: ["service:tasks"]
projects:
  - name: app
    realms:
      - name: pools/ci
        bindings: [{ role: role/swarming.poolUser, principals: ["user:ann@example.com"] }]
pools:
  - { name: ci, realm: "app:pools/ci" }
`;

/** How an example says what it says. */
interface Example {
  readonly name: string;
  /** Makes the server of the example, not listening; the user is in the header `x-user`. */
  readonly create: (fleetgate: never) => Promise<Server>;
  readonly request: (pool: string) => { readonly path: string; readonly body: string };
  /** The statuses of success. */
  readonly created: number;
  /** What is told of a denial; undefined: nothing but the constant. */
  readonly denied: (body: unknown) => void;
}

const userOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === "string" ? header : undefined;
const overHttp = (pool: string): ReturnType<Example["request"]> => ({
  path: `/pools/${encodeURIComponent(pool)}/tasks`,
  body: "{}",
});
const constantDenial = (body: unknown): void => {
  assert.deepEqual(body, { error: "forbidden" });
};

const examples: readonly Example[] = [
  {
    name: "express",
    create: async (fleetgate) => {
      const { createTaskServer } = await import("../../examples/express/server.ts");
      const app = createTaskServer(fleetgate, ({ headers }) => userOf(headers["x-user"]));
      return createServer((request, response) => void app(request, response));
    },
    request: overHttp,
    created: 201,
    denied: constantDenial,
  },
  {
    name: "fastify",
    create: async (fleetgate) => {
      const { createTaskServer } = await import("../../examples/fastify/server.ts");
      const app = createTaskServer(fleetgate, ({ headers }) => userOf(headers["x-user"]));
      await app.ready();
      return app.server;
    },
    request: overHttp,
    created: 201,
    denied: constantDenial,
  },
  {
    name: "connect",
    create: async (fleetgate) => {
      const { createTaskServer } = await import("../../examples/connect/server.ts");
      return createTaskServer(fleetgate, (header) => header.get("x-user") ?? undefined);
    },
    request: (pool) => ({
      path: "/tasks.v1.TaskService/Start",
      body: JSON.stringify({ pool }),
    }),
    created: 200,
    denied: (body) => {
      const { code, message } = body as { readonly code: string; readonly message: string };
      assert.equal(code, "permission_denied");
      assert.match(message, /denied for "user:eve@example\.com" in pool "ci"/);
    },
  },
];

before(() => {
  importPackageFromSource();
});

for (const example of examples) {
  describe(`the ${example.name} example`, () => {
    test("lets those pass who have the permission, and nobody else", async (context) => {
      const { ask } = await start(context, example);
      assert.equal((await ask("ci", "user:ann@example.com")).status, example.created);

      const denied = await ask("ci", "user:eve@example.com");
      assert.equal(denied.status, 403);
      example.denied(denied.body);
      const unknown = await ask("no such pool", "user:ann@example.com");
      assert.equal(unknown.status, 403, "an unknown pool looks like a forbidden one");
      // The service itself is delegated to, so it must never be the one who is asked about.
      for (const nobody of ["", undefined]) {
        assert.equal((await ask("ci", nobody)).status, 401);
      }
    });

    test("says nothing of the cause when the check cannot be made", async (context) => {
      const { ask, fleetgate, setKey } = await start(context, example);
      const bodies: unknown[] = [];
      const fails = async (user = "user:ann@example.com"): Promise<void> => {
        const { status, body } = await ask("ci", user);
        assert.equal(status, 500);
        bodies.push(body);
      };
      fleetgate.setAvailable(false);
      await fails();
      fleetgate.setAvailable(true);
      setKey(fleetgate.createKey("service:tasks", { expiresAt: new Date(0) }));
      await fails();
      setKey(fleetgate.createKey("service:stranger"));
      await fails();
      setKey(fleetgate.createKey("service:tasks"));
      await fails("not an identity");
      await fleetgate.close();
      await fails();
      for (const body of bodies) assert.deepEqual(body, bodies[0]);
      assert.match(JSON.stringify(bodies[0]), /the check could not be made; retry/);
    });
  });
}

interface Started {
  readonly fleetgate: ReturnType<typeof createEngineFleetgate>;
  readonly setKey: (token: string) => void;
  readonly ask: (
    pool: string,
    user: string | undefined,
  ) => Promise<{ readonly status: number; readonly body: unknown }>;
}

async function start(context: TestContext, example: Example): Promise<Started> {
  const fleetgate = createEngineFleetgate({ yaml });
  let key = fleetgate.createKey("service:tasks");
  const { createFleetgate } = await import("../../src/client/node/index.ts");
  const client = createFleetgate({
    endpoints: [(await fleetgate.listen()).url],
    key: () => key,
    retry: { rounds: 1 },
  });
  const server = await example.create(client as never);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(async () => {
    server.closeAllConnections();
    server.close();
    await client.close();
    await fleetgate.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    fleetgate,
    setKey: (token) => {
      key = token;
    },
    ask: async (pool, user) => {
      const { path, body } = example.request(pool);
      const headers = {
        "content-type": "application/json",
        ...(user === undefined ? {} : { "x-user": user }),
      };
      const response = await fetch(origin + path, { method: "POST", headers, body });
      return { status: response.status, body: await response.json() };
    },
  };
}
