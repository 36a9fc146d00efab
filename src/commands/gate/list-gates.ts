import { readLiveGates, type GateRow } from "../../storage/credential/gates.ts";
import { translateStorageError } from "../../storage/errors.ts";
import type { GateDeps } from "./deps.ts";

/** Lists the leases that live, by area and holder. Fails with STORAGE_UNAVAILABLE. */
export async function listGates({
  storage,
}: Pick<GateDeps, "storage">): Promise<readonly GateRow[]> {
  try {
    return (await storage.quick(readLiveGates)).gates;
  } catch (error) {
    throw translateStorageError(error);
  }
}
