import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import {
  AclService,
  createClients,
  detailRegistry,
  isDenied,
  isUnavailable,
  toCallerError,
} from "fleetgate/client";

// What runs in a browser. Copied by scripts/pack-test.ts into a package that depends on fleetgate.

/** Asks a server that denies and one that refuses the credential; says what a service would hand on. */
export async function judge(): Promise<readonly string[]> {
  const said: string[] = [];
  const info = detailRegistry.getMessage("google.rpc.ErrorInfo");
  if (info === undefined) throw new Error("the details of errors are not part of the bundle");
  for (const code of [Code.PermissionDenied, Code.Unauthenticated]) {
    const reason = code === Code.PermissionDenied ? "PERMISSION_DENIED" : "CREDENTIAL_REQUIRED";
    const details = [{ desc: info, value: { reason, domain: "fleetgate" } }];
    const transport = createRouterTransport(({ service }) => {
      service(AclService, {
        checkPoolPerm: () => {
          throw new ConnectError("no", code, undefined, details);
        },
      });
    });
    try {
      await createClients(transport).acl.checkPoolPerm({ permission: "a.b.c", pool: "ci" });
    } catch (error) {
      const handedOn = toCallerError(error);
      said.push(`${isDenied(error)} ${isUnavailable(error)} ${Code[handedOn.code]}`);
    }
  }
  return said;
}
