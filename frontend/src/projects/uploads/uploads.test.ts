import { describe, expect, it } from "vitest";
import { reduceUploads, startable, type Upload, type UploadEvent, uploadEta } from "./uploads";

const problem = { type: "not-a-video", title: "Not a video", status: 422, detail: "" };

function makeUploads(count: number): readonly Upload[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `u${index}`,
    projectId: "p",
    name: `${index}.mp4`,
    size: 1000,
    at: "waiting" as const,
  }));
}

function replay(uploads: readonly Upload[], ...events: readonly UploadEvent[]): readonly Upload[] {
  return events.reduce(reduceUploads, uploads);
}

describe("startable", () => {
  it("starts two at a time, in the order they were dropped", () => {
    expect(startable(makeUploads(4)).map((upload) => upload.key)).toEqual(["u0", "u1"]);
  });

  it("fills a place as soon as one is accepted", () => {
    const uploads = replay(
      makeUploads(4),
      { type: "started", key: "u0", now: 0 },
      { type: "started", key: "u1", now: 0 },
      { type: "accepted", key: "u0" },
    );
    expect(startable(uploads).map((upload) => upload.key)).toEqual(["u2"]);
  });

  it("a refused upload holds no place", () => {
    const uploads = replay(
      makeUploads(3),
      { type: "started", key: "u0", now: 0 },
      { type: "refused", key: "u0", problem, again: true },
    );
    expect(startable(uploads)).toHaveLength(2);
  });
});

describe("reduceUploads", () => {
  it("sent bytes never go back and never exceed the file", () => {
    const uploads = replay(
      makeUploads(1),
      { type: "started", key: "u0", now: 0 },
      { type: "progressed", key: "u0", sent: 700, now: 1 },
      { type: "progressed", key: "u0", sent: 300, now: 2 },
    );
    expect(uploads[0]).toMatchObject({ sent: 700 });
    expect(replay(uploads, { type: "progressed", key: "u0", sent: 5000, now: 3 })[0]).toMatchObject({
      sent: 1000,
    });
  });

  it("progress that arrives after a removal is ignored", () => {
    const uploads = replay(
      makeUploads(1),
      { type: "removed", key: "u0" },
      { type: "progressed", key: "u0", sent: 10, now: 1 },
    );
    expect(uploads).toEqual([]);
  });

  it("a refused upload keeps the server's problem and can be tried again", () => {
    const refused = replay(makeUploads(1), { type: "refused", key: "u0", problem, again: true });
    expect(refused[0]).toMatchObject({ at: "refused", problem });
    expect(replay(refused, { type: "retried", key: "u0" })[0]?.at).toBe("waiting");
  });
});

describe("an upload that is held up", () => {
  const held = replay(
    makeUploads(3),
    { type: "started", key: "u0", now: 0 },
    { type: "started", key: "u1", now: 0 },
    { type: "held", key: "u0", problem },
  );

  it("keeps its place in the list and its reason, and lets others go first", () => {
    expect(held[0]).toMatchObject({ at: "held", problem });
    expect(startable(held).map((upload) => upload.key)).toEqual(["u2"]);
  });

  it("goes on from where it stood in the list", () => {
    expect(startable(replay(held, { type: "retried", key: "u0" })).map((upload) => upload.key)).toEqual([
      "u0",
    ]);
  });
});

describe("uploadEta", () => {
  it("follows the mean rate", () => {
    const uploads = replay(
      makeUploads(1),
      { type: "started", key: "u0", now: 0 },
      { type: "progressed", key: "u0", sent: 250, now: 1000 },
    );
    expect(uploads.map(uploadEta)).toEqual([3]);
  });

  it("is not guessed in the first half second", () => {
    const uploads = replay(
      makeUploads(1),
      { type: "started", key: "u0", now: 0 },
      { type: "progressed", key: "u0", sent: 250, now: 300 },
    );
    expect(uploads.map(uploadEta)).toEqual([null]);
  });
});
