import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { portOf } from "@/lib/testing/free-port";
import { listen } from "./listen";

/** Whether somebody who comes to this machine by that address gets through to a server that listens at the other. */
async function reaches(by: string, at: string | null): Promise<boolean> {
  const server = await listen(createServer(), 0, at);
  const socket = connect(portOf(server), by);
  const reached = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
  socket.destroy();
  server.close();
  return reached;
}

test("a server that is told its address is at no other one", async () => {
  expect(await reaches("127.0.0.1", "127.0.0.1")).toBe(true);
  // This machine's own as well: all that begins with 127 is (RFC 1122, section 3.2.1.3).
  expect(await reaches("127.0.0.2", "127.0.0.1")).toBe(false);
  expect(await reaches("127.0.0.1", null)).toBe(true);
});
