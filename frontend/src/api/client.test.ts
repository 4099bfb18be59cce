import { afterEach, expect, it, vi } from "vitest";
import { request } from "./client";
import { RequestFailed } from "./problem";

afterEach(() => vi.unstubAllGlobals());

function answerWith(status: number, body: string) {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => new Response(body, { status }));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

function sentHeaders(fetched: ReturnType<typeof answerWith>): Headers {
  return fetched.mock.calls[0]?.[1].headers as Headers;
}

it("an edit carries its version as a quoted If-Match and its action id as the key", async () => {
  const fetched = answerWith(200, "{}");
  await request("PUT", "/masklets/m", { body: {}, ifMatch: 7, idempotencyKey: "a" });
  expect(sentHeaders(fetched).get("If-Match")).toBe('"7"');
  expect(sentHeaders(fetched).get("Idempotency-Key")).toBe("a");
});

it("a refused request throws the problem the server described", async () => {
  answerWith(409, JSON.stringify({ type: "needs-restore", title: "Restore first" }));
  const failure = await request("POST", "/x").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RequestFailed);
  expect((failure as RequestFailed).slug).toBe("needs-restore");
});

it("a lost connection throws an unreachable problem with status 0", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(request("GET", "/x")).rejects.toMatchObject({ status: 0 });
});

it("an aborted request keeps its own abort error", async () => {
  const controller = new AbortController();
  controller.abort(new DOMException("left", "AbortError"));
  vi.stubGlobal("fetch", (_url: string, init: RequestInit) => Promise.reject(init.signal?.reason));
  await expect(request("GET", "/x", { signal: controller.signal })).rejects.toHaveProperty(
    "name",
    "AbortError",
  );
});

it("an empty answer resolves", async () => {
  vi.stubGlobal("fetch", async () => new Response(null, { status: 204 }));
  await expect(request("DELETE", "/x")).resolves.toBeUndefined();
});
