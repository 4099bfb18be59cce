import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "wouter";
import { projectQuery, videoQuery } from "@/api/queries";
import { placeOf } from "./place";
import styles from "./TopBar.module.css";

interface Crumb {
  readonly label: string;
  readonly href: string;
}

export function Breadcrumbs() {
  const crumbs = useCrumbs();
  return (
    <nav className={styles.crumbs} aria-label="Breadcrumbs">
      <ol>
        {crumbs.map((crumb, index) => (
          <li key={crumb.href}>
            <Link
              href={crumb.href}
              className={styles.crumb}
              title={crumb.label}
              {...(index === crumbs.length - 1 ? { "aria-current": "page" as const } : {})}
            >
              {crumb.label}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** Names come from the same cache the pages fill, so they cost no request of their own. */
function useCrumbs(): readonly Crumb[] {
  const [path] = useLocation();
  const place = placeOf(path);
  const video = useQuery({ ...videoQuery(place.videoId ?? ""), enabled: place.videoId !== null }).data;
  const projectId = place.projectId ?? video?.project_id ?? null;
  const project = useQuery({ ...projectQuery(projectId ?? ""), enabled: projectId !== null }).data;
  const crumbs: Crumb[] = [{ label: "Projects", href: "/" }];
  if (projectId !== null) crumbs.push({ label: project?.name ?? "…", href: `/projects/${projectId}` });
  if (place.videoId !== null) crumbs.push({ label: video?.name ?? "…", href: `/videos/${place.videoId}` });
  if (place.page === "review") crumbs.push({ label: "Review", href: `/projects/${projectId}/review` });
  if (place.page === "model") crumbs.push({ label: "Model", href: "/model" });
  return crumbs;
}
