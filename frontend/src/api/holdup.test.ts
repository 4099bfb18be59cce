import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { holdupOf, repeated } from "./holdup";
import { problemFrom, type RequestFailed, unreachable } from "./problem";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a repeated write", () => {
  it("comes through a restart of the server, and waits as long as the server asks", async () => {
    const failures: RequestFailed[] = [unreachable(), problemFrom(503, "", 4), problemFrom(500, "")];
    const send = vi.fn(async () => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return "stored";
    });
    const sent = repeated(send);
    await vi.advanceTimersByTimeAsync(4000);
    expect(send).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await sent).toBe("stored");
  });

  it("ends with a refused one, and with an outage that lasts", async () => {
    const refused = problemFrom(409, { type: "urn:maskloom:problem:lease-held", title: "Held" });
    await expect(repeated(() => Promise.reject(refused))).rejects.toBe(refused);
    const lasting = expect(repeated(() => Promise.reject(unreachable()))).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(200_000);
    await lasting;
  });
});

describe("an answer that is not Maskloom's", () => {
  it.each([
    ["a firewall's problem", 403, { type: "https://firewall.example/1020", title: "Access denied" }],
    ["another program's error", 422, { type: "error", detail: "x" }],
    ["a proxy's page", 404, "<html>Not Found</html>"],
    ["a proxy's limit", 413, { message: "too large" }],
  ])("refuses no edit: %s", (_name, status, body) => {
    expect(holdupOf(problemFrom(status, body))).toBe("server");
  });

  it("is told apart from a rejection, and from a change that came first", () => {
    const ours = (status: number, slug: string) =>
      holdupOf(problemFrom(status, { type: `urn:maskloom:problem:${slug}`, title: "T" }));
    expect(ours(403, "not-allowed")).toBeNull();
    expect(ours(409, "collision")).toBe("busy");
  });
});
