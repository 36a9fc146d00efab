import { serveParent } from "../../children.ts";
import type { WorldRequest } from "../messages.ts";
import { buildWorld, type BuiltWorld } from "./build-world.ts";
import { createEngineBench, type EngineBench } from "./engine-rounds.ts";
import { makeWork } from "./request-sets.ts";

// One world a process: it makes what is asked, and measures checks without a network.

let world: BuiltWorld | undefined;
let engine: EngineBench | undefined;

serveParent((message) => {
  const request = message as WorldRequest;
  switch (request.kind) {
    case "build":
      world = buildWorld(request);
      return undefined;
    case "requests":
      return makeWork(current(), request.cerbosFolder);
    default:
      engine ??= createEngineBench(current());
      return engine.measure(request.seconds);
  }
});

function current(): BuiltWorld {
  if (world === undefined) throw new Error("there is no world");
  return world;
}
