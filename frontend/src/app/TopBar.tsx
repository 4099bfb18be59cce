import { Link } from "wouter";
import { TopBarSlotTarget } from "@/ui/TopBarSlot";
import { Breadcrumbs } from "./Breadcrumbs";
import { ConnectionChip } from "./ConnectionChip";
import { ModelChip } from "./ModelChip";
import { SearchButton } from "./SearchButton";
import styles from "./TopBar.module.css";

/** Where am I, which model answers, is the server there. Pages add their own parts in the slot. */
export function TopBar() {
  return (
    <header className={styles.bar}>
      <Link href="/" className={styles.mark} aria-label="Maskloom: all projects">
        <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
          <path
            d="M4 8c8 0 7 8 12 8s4-8 12-8M4 17c8 0 7 8 12 8s4-8 12-8"
            fill="none"
            stroke="currentColor"
            strokeWidth="3"
            strokeLinecap="round"
          />
        </svg>
      </Link>
      <Breadcrumbs />
      <TopBarSlotTarget className={styles.slot ?? ""} />
      <SearchButton />
      <ModelChip />
      <ConnectionChip />
    </header>
  );
}
