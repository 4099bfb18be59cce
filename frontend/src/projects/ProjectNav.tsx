import { Link } from "wouter";
import type { Permission, Project } from "@/api/types";
import { Icon, type IconName } from "@/ui/Icon";
import styles from "./ProjectNav.module.css";

interface ProjectPageLink {
  readonly page: string;
  readonly label: string;
  readonly icon: IconName;
  readonly testId: string;
  /** The permission without which the page is of no use. */
  readonly needs: Permission;
}

const LINKS: readonly ProjectPageLink[] = [
  { page: "tasks", label: "Tasks", icon: "check", testId: "tasks-link", needs: "view" },
  { page: "review", label: "Review", icon: "review", testId: "review", needs: "view" },
  { page: "studies", label: "Studies", icon: "columns", testId: "studies-link", needs: "manage" },
  { page: "insights", label: "Insights", icon: "chart", testId: "insights", needs: "view" },
  { page: "model", label: "Model", icon: "chip", testId: "project-model-link", needs: "view" },
  { page: "classes", label: "Classes", icon: "tag", testId: "classes-link", needs: "manage" },
  { page: "members", label: "Members", icon: "person", testId: "members-link", needs: "view" },
];

/** The pages of a project, in the order of the work. */
export function ProjectNav({ project }: { readonly project: Project }) {
  return (
    <nav className={styles.nav} aria-label="Of this project">
      {LINKS.filter(({ needs }) => project.allowed.includes(needs)).map(({ page, label, icon, testId }) => (
        <Link key={page} href={`/projects/${project.id}/${page}`} data-testid={testId}>
          <Icon name={icon} />
          {label}
        </Link>
      ))}
    </nav>
  );
}
