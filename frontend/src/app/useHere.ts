import { useQuery } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { projectQuery, videoQuery } from "@/api/queries";
import type { Id, Project, Video } from "@/api/types";
import { type PageRoute, pageRouteOf } from "./pageRoute";

interface Here {
  readonly route: PageRoute;
  readonly video: Video | undefined;
  /** Known before the project has loaded. */
  readonly projectId: Id | null;
  readonly project: Project | undefined;
}

/** The project and video of the current page, from the cache the page fills: no request of its own. */
export function useHere(): Here {
  const [path] = useLocation();
  const route = pageRouteOf(path);
  const video = useQuery({ ...videoQuery(route.videoId ?? ""), enabled: route.videoId !== null }).data;
  const projectId = route.projectId ?? video?.project_id ?? null;
  const project = useQuery({ ...projectQuery(projectId ?? ""), enabled: projectId !== null }).data;
  return { route, video, projectId, project };
}
