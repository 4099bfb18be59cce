import { QueryObserver } from "@tanstack/react-query";
import { afterEach, describe, expect, it } from "vitest";
import { createServerState } from "./serverState";

/** A server whose answers are read at once and arrive when `deliver` is called. */
function slowServer() {
  const videos: string[] = [];
  const underway: (() => void)[] = [];
  const list = () => {
    const read = [...videos];
    return new Promise<string[]>((resolve) => underway.push(() => resolve(read)));
  };
  return { videos, list, numAsked: () => underway.length, deliver: (index: number) => underway[index]?.() };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function shown(server: ReturnType<typeof slowServer>) {
  const state = createServerState();
  const observer = new QueryObserver(state, { queryKey: ["videos"], queryFn: server.list });
  closers.push(
    observer.subscribe(() => undefined),
    () => state.clear(),
  );
  return { state, observer };
}

describe("ServerState", () => {
  it("asks again when what it is still asking for the first time has changed", async () => {
    const server = slowServer();
    const { state, observer } = shown(server);
    await settled();
    server.videos.push("a.mp4");
    void state.invalidateQueries({ queryKey: ["videos"] });
    await settled();
    expect(server.numAsked()).toBe(2);
    server.deliver(0); // the answer from before the upload is late
    server.deliver(1);
    await settled();
    expect(observer.getCurrentResult().data).toEqual(["a.mp4"]);
    expect(observer.getCurrentResult().error).toBeNull();
  });

  it("asks again when a refresh was under way", async () => {
    const server = slowServer();
    const { state, observer } = shown(server);
    await settled();
    server.deliver(0);
    await settled();
    void state.invalidateQueries();
    await settled();
    server.videos.push("a.mp4");
    void state.invalidateQueries();
    await settled();
    server.deliver(1);
    server.deliver(2);
    await settled();
    expect(observer.getCurrentResult().data).toEqual(["a.mp4"]);
  });

  it("leaves what is only marked as old alone", async () => {
    const server = slowServer();
    const { state } = shown(server);
    await settled();
    void state.invalidateQueries({ queryKey: ["videos"], refetchType: "none" });
    await settled();
    expect(server.numAsked()).toBe(1);
  });
});
