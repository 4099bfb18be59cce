import { useQuery } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { projectQuery, videoQuery } from "@/api/queries";
import type { Id, Project, Video } from "@/api/types";
import { type Place, placeOf } from "./pageRoute";

interface Here {
  readonly place: Place;
  readonly video: Video | undefined;
  /** Known before the project itself is. */
  readonly projectId: Id | null;
  readonly project: Project | undefined;
}

/** What the page is about. It comes from the same cache the pages fill, so it costs no request of its own. */
export function useHere(): Here {
  const [path] = useLocation();
  const place = placeOf(path);
  const video = useQuery({ ...videoQuery(place.videoId ?? ""), enabled: place.videoId !== null }).data;
  const projectId = place.projectId ?? video?.project_id ?? null;
  const project = useQuery({ ...projectQuery(projectId ?? ""), enabled: projectId !== null }).data;
  return { place, video, projectId, project };
}
