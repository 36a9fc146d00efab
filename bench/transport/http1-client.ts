import { Agent, request } from "node:http";
import type { Client, ClientOptions } from "./client.ts";

/** Keeps HTTP/1.1 connections open and sends one call at a time over each. */
export function openHttp1Client(options: ClientOptions): Client {
  const { port, path, headers, connections } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    call(body, done) {
      const message = request({
        agent,
        host: "127.0.0.1",
        port,
        path,
        method: "POST",
        headers: { ...headers, "content-length": body.length },
      });
      let open = true;
      const finish = (status: string): void => {
        if (!open) return;
        open = false;
        done(status);
      };
      message.on("response", (response) => {
        response.on("end", () => finish(String(response.statusCode)));
        response.on("close", () => finish("closed before the end of the answer"));
        response.resume();
      });
      message.on("error", (error) => finish(error.message));
      message.end(body);
    },
    close: async () => {
      agent.destroy();
    },
  };
}
