// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { RequestFailed } from "@/api/problem";
import type { ActivityEvent } from "@/api/types";
import { EventOutbox, type SendEvents } from "./eventOutbox";

function makeEvent(id: string): ActivityEvent {
  return {
    event_id: id,
    session_id: "s",
    video_id: "v",
    masklet_id: null,
    frame_index: 0,
    phase: "sam2",
    tool: null,
    kind: "edit",
    client_monotonic_ms: 1,
    client_time: "2026-01-01T00:00:00Z",
    payload: {},
  };
}

function makeSend(fails = false) {
  const sent: string[][] = [];
  const send: SendEvents = async (events) => {
    if (fails) throw new Error("offline");
    sent.push(events.map((event) => event.event_id));
  };
  return { send, sent };
}

beforeEach(() => {
  window.localStorage.clear();
});

describe("activity events", () => {
  it("are forgotten only when acknowledged", async () => {
    const offline = new EventOutbox(
      { person: "ada", session: "one" },
      window.localStorage,
      makeSend(true).send,
    );
    offline.add(makeEvent("a"));
    await offline.flush();
    expect(offline.size).toBe(1);
  });

  it("survive a reload and are sent by the next tab", async () => {
    const before = new EventOutbox(
      { person: "ada", session: "one" },
      window.localStorage,
      makeSend(true).send,
    );
    before.add(makeEvent("a"));
    before.add(makeEvent("b"));
    const { send, sent } = makeSend();
    const after = new EventOutbox({ person: "ada", session: "two" }, window.localStorage, send);
    after.add(makeEvent("c"));
    await after.flush();
    expect(sent).toEqual([["a", "b", "c"]]);
    expect(window.localStorage.length).toBe(0);
  });

  it("are sent by nobody but the person who made them", async () => {
    const ada = new EventOutbox({ person: "ada", session: "one" }, window.localStorage, makeSend(true).send);
    ada.add(makeEvent("of ada"));
    const { send, sent } = makeSend();
    const ben = new EventOutbox({ person: "ben", session: "two" }, window.localStorage, send);
    ben.add(makeEvent("of ben"));
    await ben.flush();
    expect(sent).toEqual([["of ben"]]);
    const back = new EventOutbox({ person: "ada", session: "three" }, window.localStorage, send);
    await back.flush();
    expect(sent).toEqual([["of ben"], ["of ada"]]);
    expect(window.localStorage.length).toBe(0);
  });

  it("of an unknown person are nobody's", async () => {
    window.localStorage.setItem("maskloom-activity:one", JSON.stringify([makeEvent("a")]));
    const { send, sent } = makeSend();
    await new EventOutbox({ person: "ada", session: "two" }, window.localStorage, send).flush();
    expect(sent).toEqual([]);
    expect(window.localStorage.length).toBe(0);
  });

  it("wait while somebody else is signed in in this browser", async () => {
    const refusing: SendEvents = async () => {
      throw new RequestFailed({ type: "not-signed-in", title: "", status: 401, detail: "" });
    };
    const outbox = new EventOutbox({ person: "ada", session: "one" }, window.localStorage, refusing);
    outbox.add(makeEvent("a"));
    await outbox.flush();
    expect(outbox.size).toBe(1);
  });

  it("that the server cannot read are given up alone", async () => {
    const sent: string[] = [];
    const send: SendEvents = async (events) => {
      if (events.some((event) => event.event_id === "7"))
        throw new RequestFailed({ type: "malformed-request", title: "", status: 422, detail: "" });
      sent.push(...events.map((event) => event.event_id));
    };
    const outbox = new EventOutbox({ person: "ada", session: "one" }, window.localStorage, send);
    for (let i = 0; i < 20; i++) outbox.add(makeEvent(String(i)));
    await outbox.flush();
    expect(outbox.size).toBe(0);
    expect(sent.toSorted()).toEqual(
      [...Array(20).keys()]
        .filter((i) => i !== 7)
        .map(String)
        .toSorted(),
    );
  });

  it("are kept while the server fails", async () => {
    const failing: SendEvents = async () => {
      throw new RequestFailed({ type: "server-error", title: "", status: 500, detail: "" });
    };
    const outbox = new EventOutbox({ person: "ada", session: "one" }, window.localStorage, failing);
    outbox.add(makeEvent("a"));
    await outbox.flush();
    expect(outbox.size).toBe(1);
  });

  it("leave in batches the server accepts", async () => {
    const { send, sent } = makeSend();
    const outbox = new EventOutbox({ person: "ada", session: "one" }, window.localStorage, send);
    for (let i = 0; i < 950; i++) outbox.add(makeEvent(String(i)));
    await outbox.flush();
    expect(sent.map((batch) => batch.length)).toEqual([400, 400, 150]);
  });
});
