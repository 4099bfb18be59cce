import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RequestFailed, unreachable } from "@/api/problem";
import { type Holdup, Outbox, type WriteOutcome } from "./outbox";
import type { PendingWrite, Write } from "./writes";

const done: WriteOutcome = { kind: "done" };

function prompts(x: number, frameIndex = 0, object = "m1"): Write {
  return {
    kind: "prompts",
    object,
    frameIndex,
    prompts: { clicks: [{ x, y: 0, label: "positive" }], box: null, candidate: null },
  };
}

function makeOutbox(
  answer: (pending: PendingWrite, attempt: number) => Promise<WriteOutcome> | WriteOutcome,
) {
  const sent: PendingWrite[] = [];
  const refused: string[] = [];
  let holdup: Holdup | null = null;
  const outbox = new Outbox({
    send: async (pending) => {
      sent.push(pending);
      return answer(pending, sent.length);
    },
    onChange: (_queue, because) => {
      holdup = because;
    },
    onAdopted: () => {},
    onStepped: () => {},
    onRefused: (_write, message) => refused.push(message),
  });
  return { outbox, sent, refused, holdup: () => holdup };
}

const settle = () => vi.advanceTimersByTimeAsync(20_000);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the outbox", () => {
  it("sends edits one after another in the order they were made", async () => {
    const { outbox, sent } = makeOutbox(() => done);
    outbox.add(prompts(1, 0));
    outbox.add(prompts(2, 1));
    outbox.add({ kind: "undo" });
    await settle();
    expect(sent.map(({ write }) => write.kind)).toEqual(["prompts", "prompts", "undo"]);
    expect(outbox.queue).toEqual([]);
  });

  it("makes quick clicks on one frame one request, but never touches the one on its way", async () => {
    const { outbox, sent } = makeOutbox(() => done);
    for (const x of [1, 2, 3, 4]) outbox.add(prompts(x));
    await settle();
    const xs = sent.map(({ write }) => (write.kind === "prompts" ? write.prompts.clicks[0]?.x : null));
    expect(xs).toEqual([1, 4]);
  });

  it("repeats a lost request with the same key and says that it is offline", async () => {
    const { outbox, sent, holdup } = makeOutbox((_pending, attempt) => {
      if (attempt < 3) throw unreachable();
      return done;
    });
    outbox.add(prompts(1));
    await vi.advanceTimersByTimeAsync(10);
    expect(holdup()).toBe("network");
    expect(outbox.queue).toHaveLength(1);
    await settle();
    expect(new Set(sent.map(({ actionId }) => actionId)).size).toBe(1);
    expect(sent).toHaveLength(3);
    expect(holdup()).toBeNull();
  });

  it("sends a rebased edit again under a new key", async () => {
    const { outbox, sent } = makeOutbox((_pending, attempt) => (attempt === 1 ? { kind: "rebase" } : done));
    outbox.add(prompts(1));
    await settle();
    expect(new Set(sent.map(({ actionId }) => actionId)).size).toBe(2);
  });

  it("gives up an edit the server refuses, tells why, and goes on", async () => {
    const problem = {
      type: "/problems/out-of-frame",
      title: "Outside",
      status: 422,
      detail: "Outside the video",
    };
    const { outbox, refused, sent } = makeOutbox((_pending, attempt) => {
      if (attempt === 1) throw new RequestFailed(problem);
      return done;
    });
    outbox.add(prompts(1, 0));
    outbox.add(prompts(2, 1));
    await settle();
    expect(refused).toEqual(["Outside the video"]);
    expect(sent).toHaveLength(2);
  });

  it("gives waiting edits of a new object its real name", async () => {
    const { outbox, sent } = makeOutbox(({ write }) =>
      write.kind === "create" ? { kind: "done", created: { draft: write.object, id: "real" } } : done,
    );
    outbox.add({ kind: "create", object: "draft-1", name: null });
    outbox.add(prompts(1, 0, "draft-1"));
    await settle();
    expect(sent[1]?.write).toMatchObject({ kind: "prompts", object: "real" });
  });

  it("drops what an object needs that could not be created", async () => {
    const { outbox, sent } = makeOutbox(({ write }) =>
      write.kind === "create" ? { kind: "refused", message: "no" } : done,
    );
    outbox.add({ kind: "create", object: "draft-1", name: null });
    outbox.add(prompts(1, 0, "draft-1"));
    outbox.add({ kind: "run", objects: ["draft-1"], startFrame: 0, direction: "both" });
    await settle();
    expect(sent.map(({ write }) => write.kind)).toEqual(["create"]);
    expect(outbox.queue).toEqual([]);
  });
});
