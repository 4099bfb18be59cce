import { expect, it } from "vitest";
import { pageRouteOf } from "./pageRoute";

it("every address names its page and its subject", () => {
  expect(pageRouteOf("/")).toEqual({ page: "projects", projectId: null, videoId: null });
  expect(pageRouteOf("/projects/p1")).toEqual({ page: "project", projectId: "p1", videoId: null });
  expect(pageRouteOf("/projects/p1/review/m1")).toEqual({ page: "review", projectId: "p1", videoId: null });
  expect(pageRouteOf("/projects/p1/model")).toEqual({
    page: "project-model",
    projectId: "p1",
    videoId: null,
  });
  expect(pageRouteOf("/videos/v1")).toEqual({ page: "workspace", projectId: null, videoId: "v1" });
  expect(pageRouteOf("/projects/p1/members")).toEqual({ page: "members", projectId: "p1", videoId: null });
  expect(pageRouteOf("/people").page).toBe("people");
  expect(pageRouteOf("/sign-in").page).toBe("door");
  expect(pageRouteOf("/nowhere").page).toBe("unknown");
});
