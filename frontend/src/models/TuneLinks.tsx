import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { projectsQuery } from "@/api/queries";
import { countText } from "@/ui/numbers";
import styles from "./ModelPage.module.css";

/** Links to the projects that can tune a model, those with verified masklets first. */
export function TuneLinks() {
  const { data: projects } = useQuery(projectsQuery);
  if (!projects || projects.length === 0) return null;
  const sorted = projects.toSorted((a, b) => b.num_verified - a.num_verified);
  return (
    <nav className={styles.tune} aria-label="Tune on a project">
      <span className={styles.hint}>Tune on</span>
      {sorted.slice(0, 8).map(({ id, name, num_verified }) => (
        <Link key={id} href={`/projects/${id}/model`} className={styles.tuneLink}>
          {name}
          <span className={styles.hint}>{countText(num_verified, "verified masklet")}</span>
        </Link>
      ))}
    </nav>
  );
}
