type PageName =
  | "projects"
  | "project"
  | "insights"
  | "classes"
  | "members"
  | "review"
  | "tasks"
  | "studies"
  | "workspace"
  | "model"
  | "project-model"
  | "people"
  | "account"
  | "door"
  | "unknown";

export interface PageRoute {
  readonly page: PageName;
  readonly projectId: string | null;
  readonly videoId: string | null;
}

/** Which page an address names, and of which project or video. */
export function pageRouteOf(path: string): PageRoute {
  const [first, id, third] = path.split("/").filter((part) => part !== "");
  if (first === undefined) return { page: "projects", projectId: null, videoId: null };
  if (first === "model" || first === "people" || first === "account")
    return { page: first, projectId: null, videoId: null };
  if (first === "sign-in" || first === "welcome") return { page: "door", projectId: null, videoId: null };
  if (first === "projects" && id !== undefined) {
    return { page: pageInProject(third), projectId: id, videoId: null };
  }
  if (first === "videos" && id !== undefined) return { page: "workspace", projectId: null, videoId: id };
  return { page: "unknown", projectId: null, videoId: null };
}

function pageInProject(part: string | undefined): PageName {
  switch (part) {
    case "insights":
    case "classes":
    case "members":
    case "review":
    case "tasks":
    case "studies":
      return part;
    case "model":
      return "project-model";
    default:
      return "project";
  }
}
