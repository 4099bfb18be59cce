import { expect, it } from "vitest";
import { placeOf } from "./pageRoute";

it("every address names its page and its subject", () => {
  expect(placeOf("/")).toEqual({ page: "projects", projectId: null, videoId: null });
  expect(placeOf("/projects/p1")).toEqual({ page: "project", projectId: "p1", videoId: null });
  expect(placeOf("/projects/p1/review/m1")).toEqual({ page: "review", projectId: "p1", videoId: null });
  expect(placeOf("/projects/p1/model")).toEqual({ page: "project-model", projectId: "p1", videoId: null });
  expect(placeOf("/videos/v1")).toEqual({ page: "workspace", projectId: null, videoId: "v1" });
  expect(placeOf("/projects/p1/members")).toEqual({ page: "members", projectId: "p1", videoId: null });
  expect(placeOf("/people").page).toBe("people");
  expect(placeOf("/sign-in").page).toBe("door");
  expect(placeOf("/nowhere").page).toBe("unknown");
});
