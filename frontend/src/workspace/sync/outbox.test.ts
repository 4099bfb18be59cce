import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Holdup } from "@/api/holdup";
import { problemFrom, RequestFailed, unreachable } from "@/api/problem";
import type { MaskShape } from "@/canvas/maskShape";
import { Outbox, type WriteOutcome } from "./outbox";
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

function stroke(frameIndex: number, object = "m1"): Write {
  const mask = { size: [4, 4] as [number, number], counts: "" };
  return { kind: "mask", object, frameIndex, mask, tool: "brush", shape: {} as MaskShape };
}

function problem(slug: string) {
  return { type: `urn:maskloom:problem:${slug}`, title: slug, detail: "" };
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
    onChange: (_unsaved, because) => {
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
    const steps = [1, 2, 3, 4].map((x) => outbox.add(prompts(x)));
    await settle();
    expect([...new Set(steps)]).toEqual(sent.map(({ actionId }) => actionId)); // so that each can be undone
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

  it("undoes a step under the id that it was sent with in the end", async () => {
    const outcomes: readonly WriteOutcome[] = [{ kind: "rebase" }, { kind: "rebase" }, done, done];
    const { outbox, sent } = makeOutbox((_pending, attempt) => outcomes[attempt - 1] ?? done);
    const step = outbox.add({ kind: "delete", object: "m1" });
    outbox.add({ kind: "undo", step });
    await settle();
    expect(sent.map(({ write }) => write.kind)).toEqual(["delete", "delete", "delete", "undo"]);
    expect(sent[2]?.actionId).not.toBe(step);
    expect(sent[3]?.write).toEqual({ kind: "undo", step: sent[2]?.actionId });
  });

  it("gives up an edit the server refuses, tells why, and goes on", async () => {
    const problem = {
      type: "urn:maskloom:problem:frame-out-of-range",
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
    outbox.add({ kind: "create", object: "draft-1", name: null, classId: null });
    outbox.add(prompts(1, 0, "draft-1"));
    await settle();
    expect(sent[1]?.write).toMatchObject({ kind: "prompts", object: "real" });
  });

  it("keeps what was queued for an object that was refused, in order, until it is made again or let go", async () => {
    let refuses = true;
    const { outbox, sent } = makeOutbox(({ write }) => {
      if (write.kind !== "create") return done;
      return refuses
        ? { kind: "refused", message: "no" }
        : { kind: "done", created: { draft: write.object, id: "real" } };
    });
    outbox.add({ kind: "create", object: "draft-1", name: null, classId: null });
    outbox.add(prompts(1, 0, "draft-1"));
    outbox.add({ kind: "run", objects: ["draft-1", "m1"], startFrame: 0, direction: "both" });
    await settle();
    outbox.add(stroke(2, "draft-1")); // painted while the reason is on the screen
    await settle();
    expect(sent.map(({ write }) => write.kind)).toEqual(["create", "run"]);
    expect(sent[1]?.write).toMatchObject({ objects: ["m1"] });
    const [refusedEdit] = outbox.unsaved.refusedEdits;
    expect(refusedEdit?.followers.map(({ write }) => write.kind)).toEqual(["prompts", "mask"]);
    refuses = false;
    outbox.tryAgain([refusedEdit?.id ?? ""]);
    await settle();
    expect(outbox.unsaved).toEqual({ queue: [], refusedEdits: [] });
    expect(sent.slice(2).map(({ write }) => write.kind)).toEqual(["create", "prompts", "mask"]);
    expect(sent.at(-1)?.write).toMatchObject({ object: "real" });
  });

  it("lets a refused edit go only when the person says so", async () => {
    const { outbox } = makeOutbox(() => ({ kind: "refused", message: "no" }));
    outbox.add(stroke(1));
    await settle();
    await settle();
    expect(outbox.unsaved.refusedEdits.map(({ message }) => message)).toEqual(["no"]);
    outbox.dismiss(outbox.unsaved.refusedEdits.map(({ id }) => id));
    expect(outbox.unsaved).toEqual({ queue: [], refusedEdits: [] });
  });

  it("does not send the undo of an edit that was refused: it would undo another", async () => {
    const { outbox, sent } = makeOutbox(({ write }) =>
      write.kind === "mask" ? { kind: "refused", message: "no" } : done,
    );
    outbox.add(stroke(1));
    outbox.add(prompts(1));
    outbox.add({ kind: "undo" });
    outbox.add({ kind: "undo" });
    await settle();
    expect(sent.map(({ write }) => write.kind)).toEqual(["mask", "prompts", "undo"]);
    expect(outbox.unsaved.refusedEdits).toEqual([]);
  });

  it("sends every stroke by itself, in order", async () => {
    const { outbox, sent } = makeOutbox(() => done);
    for (const frameIndex of [1, 1, 1, 2]) outbox.add(stroke(frameIndex));
    await settle();
    expect(sent).toHaveLength(4);
  });

  const failures: readonly [string, () => unknown, Holdup][] = [
    ["a bare 500", () => problemFrom(500, ""), "server"],
    ["a problem with 500", () => problemFrom(500, { type: "urn:maskloom:problem:server-error" }), "server"],
    ["a gateway's 502", () => problemFrom(502, "<html>Bad gateway</html>"), "server"],
    ["a 503 of the database", () => problemFrom(503, problem("database-unavailable")), "database"],
    ["a 503 of the model", () => problemFrom(503, problem("model-server-unavailable")), "model"],
    ["a 504", () => problemFrom(504, ""), "server"],
    ["a full disk", () => problemFrom(507, problem("disk-full")), "disk"],
    ["a sign-in that ended", () => problemFrom(401, problem("not-signed-in")), "sign-in"],
    ["too many requests", () => problemFrom(429, problem("too-many-attempts")), "busy"],
    ["a 404 of something on the way", () => problemFrom(404, "<html>nginx</html>"), "server"],
    ["an answer that cannot be read", () => new SyntaxError("Unexpected token <"), "server"],
    ["a broken connection", () => unreachable(), "network"],
  ];

  it.each(failures)(
    "keeps and repeats what %s refused, with those behind it",
    async (_name, failure, because) => {
      const { outbox, sent, refused, holdup } = makeOutbox((_pending, attempt) => {
        if (attempt <= 8) throw failure();
        return done;
      });
      outbox.add(stroke(1));
      outbox.add(stroke(2));
      await vi.advanceTimersByTimeAsync(10);
      expect(holdup()).toBe(because);
      expect(outbox.queue).toHaveLength(2);
      await settle();
      await settle();
      expect(refused).toEqual([]);
      expect(outbox.unsaved).toEqual({ queue: [], refusedEdits: [] });
      expect(sent.map(({ write }) => ("frameIndex" in write ? write.frameIndex : null))).toEqual([
        1, 1, 1, 1, 1, 1, 1, 1, 1, 2,
      ]);
      expect(new Set(sent.map(({ actionId }) => actionId)).size).toBe(2);
    },
  );

  it("waits as long as the server asks", async () => {
    const { outbox, sent } = makeOutbox((_pending, attempt) => {
      if (attempt === 1) throw problemFrom(507, problem("disk-full"), 10);
      return done;
    });
    outbox.add(stroke(1));
    await vi.advanceTimersByTimeAsync(9900);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(sent).toHaveLength(2);
  });

  it("goes on with what an earlier page left, before its own edits and under the same keys", async () => {
    const before = makeOutbox(() => {
      throw unreachable();
    });
    before.outbox.add(stroke(1));
    before.outbox.add(stroke(2));
    await vi.advanceTimersByTimeAsync(10);
    before.outbox.close();
    const { outbox, sent } = makeOutbox(() => done);
    outbox.pause();
    outbox.add(stroke(3));
    outbox.restore(before.outbox.unsaved);
    await settle();
    expect(sent).toEqual([]);
    outbox.resume();
    await settle();
    expect(sent.map(({ write }) => ("frameIndex" in write ? write.frameIndex : null))).toEqual([1, 2, 3]);
    expect(sent[0]?.actionId).toBe(before.sent[0]?.actionId);
  });

  it("aims an undo once, however often it is sent", async () => {
    let top = "first";
    const sent: PendingWrite[] = [];
    const outbox = new Outbox({
      prepare: (pending) => (pending.aim === undefined ? { ...pending, aim: top } : pending),
      send: async (pending) => {
        sent.push(pending);
        top = "second";
        if (sent.length < 3) throw unreachable();
        return done;
      },
      onChange: () => {},
      onAdopted: () => {},
      onStepped: () => {},
      onRefused: () => {},
    });
    outbox.add({ kind: "undo" });
    await settle();
    expect(sent.map(({ aim }) => aim)).toEqual(["first", "first", "first"]);
  });
});
