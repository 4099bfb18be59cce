import { afterEach, describe, expect, it, vi } from "vitest";
import { cancelRun, putPrompts } from "./annotation";
import { allPages, type PageQuery, settled } from "./client";
import { RequestFailed } from "./problem";
import { fetchProjects } from "./projects";
import { fetchHealth } from "./server";

// Relative addresses mean something only on a page; the client takes its Request class when it is made.
vi.hoisted(() => {
  class PageRequest extends Request {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(typeof input === "string" ? new URL(input, "http://localhost") : input, init);
    }
  }
  globalThis.Request = PageRequest;
});

const fetched = vi.fn<(request: Request) => Promise<Response>>();
vi.stubGlobal("fetch", fetched);
afterEach(() => fetched.mockReset());

function answerWith(status: number, body: unknown) {
  fetched.mockResolvedValue(Response.json(body, { status }));
}

const edit = { maskletId: "m", version: 7, actionId: "a" };

it("an edit carries its version as a quoted If-Match and its action id as the key", async () => {
  answerWith(200, {});
  await putPrompts(edit, 4, { clicks: [], box: null, candidate: null });
  const request = fetched.mock.calls[0]?.[0];
  expect(request?.url).toBe("http://localhost/api/masklets/m/frames/4/prompts");
  expect(request?.headers.get("If-Match")).toBe('"7"');
  expect(request?.headers.get("Idempotency-Key")).toBe("a");
});

it("a refused request throws the problem the server described", async () => {
  answerWith(409, { type: "urn:maskloom:problem:needs-restore", title: "Restore first", detail: "" });
  const failure = await cancelRun("r").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RequestFailed);
  expect((failure as RequestFailed).slug).toBe("needs-restore");
});

it("a lost connection throws an unreachable problem with status 0", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(fetchProjects()).rejects.toMatchObject({ status: 0 });
});

it("a request that takes too long counts as a lost connection", async () => {
  fetched.mockRejectedValue(new DOMException("too long", "TimeoutError"));
  await expect(fetchProjects()).rejects.toMatchObject({ status: 0 });
});

it("an aborted request keeps its own abort error", async () => {
  const controller = new AbortController();
  fetched.mockImplementation(async (request) => {
    request.signal.throwIfAborted();
    return new Response();
  });
  controller.abort();
  await expect(fetchProjects(controller.signal)).rejects.toHaveProperty("name", "AbortError");
});

it("an empty answer resolves", async () => {
  const response = new Response(null, { status: 204 });
  await expect(settled(Promise.resolve({ response }))).resolves.toBeUndefined();
});

it("the health report is read from a 503 too", async () => {
  answerWith(503, { status: "down", model_server: { status: "down", detail: null } });
  await expect(fetchHealth()).resolves.toMatchObject({ status: "down" });
});

it("a gateway's error page is no health report", async () => {
  fetched.mockResolvedValue(new Response("<html>", { status: 502 }));
  await expect(fetchHealth()).rejects.toMatchObject({ status: 0 });
});

describe("lists in pages", () => {
  it("are followed to their last page", async () => {
    const asked: PageQuery[] = [];
    const pages: Record<string, readonly [number[], string | null]> = {
      first: [[1, 2], "two+/="],
      "two+/=": [[3], "three"],
      three: [[4, 5], null],
    };
    const entries = await allPages<number>((query) => {
      asked.push(query);
      const [data, next] = pages[query.cursor ?? "first"] ?? [[], null];
      const link =
        next === null ? {} : { link: `</api/list?limit=2&cursor=${encodeURIComponent(next)}>; rel="next"` };
      return Promise.resolve({ data, response: new Response(null, { status: 200, headers: link }) });
    });
    expect(entries).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toEqual([
      { limit: 500 },
      { limit: 500, cursor: "two+/=" },
      { limit: 500, cursor: "three" },
    ]);
  });

  it("are followed only as far as is enough", async () => {
    const asked: PageQuery[] = [];
    const entries = await allPages<number>(
      (query) => {
        asked.push(query);
        const link = `</api/list?cursor=${asked.length}>; rel="next"`;
        return Promise.resolve({ data: [asked.length], response: new Response(null, { headers: { link } }) });
      },
      (found) => found.includes(3),
    );
    expect(entries).toEqual([1, 2, 3]);
    expect(asked.map(({ cursor }) => cursor)).toEqual([undefined, "1", "2"]);
  });
});
