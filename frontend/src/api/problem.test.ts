import { describe, expect, it } from "vitest";
import { messageOf, problemFrom, slugOf, unreachable } from "./problem";

describe("problemFrom", () => {
  it("keeps the server's title, detail, slug and extra fields", () => {
    const body = {
      type: "https://x/problems/version-conflict",
      title: "Moved on",
      status: 412,
      detail: "v 3",
      version: 3,
    };
    const failure = problemFrom(412, JSON.stringify(body));
    expect(failure.slug).toBe("version-conflict");
    expect(failure.message).toBe("v 3");
    expect(failure.extra["version"]).toBe(3);
  });

  it("reads a validation list as field and message", () => {
    const body = { detail: [{ loc: ["body", "stride"], msg: "must be at least 1" }] };
    expect(problemFrom(422, JSON.stringify(body)).message).toBe("stride: must be at least 1");
  });

  it("survives an answer that is not JSON", () => {
    const failure = problemFrom(502, "<html>Bad gateway</html>");
    expect(failure.status).toBe(502);
    expect(failure.message).toBe("The server failed");
  });

  it("reads a body that was parsed already", () => {
    expect(problemFrom(409, { title: "Busy", detail: "Later" }).message).toBe("Later");
  });

  it("falls back to the title when there is no detail", () => {
    expect(problemFrom(409, JSON.stringify({ title: "Busy" })).message).toBe("Busy");
  });
});

it("slugs come out of urns, URLs and bare words", () => {
  const problem = { title: "", status: 400, detail: "" };
  expect(slugOf({ ...problem, type: "urn:maskloom:problem:not-a-video" })).toBe("not-a-video");
  expect(slugOf({ ...problem, type: "/problems/not-a-video" })).toBe("not-a-video");
  expect(slugOf({ ...problem, type: "not-a-video" })).toBe("not-a-video");
});

it("an unreachable server says that saved work is safe", () => {
  expect(messageOf(unreachable())).toContain("safe");
});
