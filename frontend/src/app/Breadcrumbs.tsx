import { Link } from "wouter";
import styles from "./TopBar.module.css";
import { useHere } from "./useHere";

interface Crumb {
  readonly label: string;
  readonly href: string;
}

/** The path from the list of projects to the current page. */
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

function useCrumbs(): readonly Crumb[] {
  const { route, video, projectId, project } = useHere();
  const crumbs: Crumb[] = [{ label: "Projects", href: "/" }];
  if (projectId !== null) crumbs.push({ label: project?.name ?? "…", href: `/projects/${projectId}` });
  if (route.videoId !== null) crumbs.push({ label: video?.name ?? "…", href: `/videos/${route.videoId}` });
  if (route.page === "review") crumbs.push({ label: "Review", href: `/projects/${projectId}/review` });
  if (route.page === "project-model") crumbs.push({ label: "Model", href: `/projects/${projectId}/model` });
  if (route.page === "studies") crumbs.push({ label: "Studies", href: `/projects/${projectId}/studies` });
  if (route.page === "tasks") crumbs.push({ label: "Tasks", href: `/projects/${projectId}/tasks` });
  if (route.page === "classes") crumbs.push({ label: "Classes", href: `/projects/${projectId}/classes` });
  if (route.page === "members") crumbs.push({ label: "Members", href: `/projects/${projectId}/members` });
  if (route.page === "people") crumbs.push({ label: "People", href: "/people" });
  if (route.page === "account") crumbs.push({ label: "Account", href: "/account" });
  if (route.page === "insights") crumbs.push({ label: "Insights", href: `/projects/${projectId}/insights` });
  if (route.page === "model") crumbs.push({ label: "Models", href: "/model" });
  return crumbs;
}
