import { Link, useLocation } from "wouter";
import { useMe } from "@/api/useMe";
import { ReturnedWork } from "@/tasks/ReturnedWork";
import { AccountMenu } from "@/team/account/AccountMenu";
import { TopBarSlotTarget } from "@/ui/TopBarSlot";
import { Breadcrumbs } from "./Breadcrumbs";
import { ConnectionChip } from "./ConnectionChip";
import { ModelChip } from "./ModelChip";
import { pageRouteOf } from "./pageRoute";
import { SearchButton } from "./search/SearchButton";
import styles from "./TopBar.module.css";
import { UnsentEdits } from "./UnsentEdits";
import { UnsettledOutcomes } from "./UnsettledOutcomes";

/** Breadcrumbs, model, connection and account; pages add their own parts in the slot. */
export function TopBar() {
  const [path] = useLocation();
  const inside = useMe() !== undefined && pageRouteOf(path).page !== "door";
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
      {inside && <Breadcrumbs />}
      <TopBarSlotTarget className={styles.slot ?? ""} />
      {inside && <UnsettledOutcomes />}
      {inside && <ReturnedWork />}
      {inside && <UnsentEdits />}
      {inside && <SearchButton />}
      {inside && <ModelChip />}
      <ConnectionChip />
      {inside && <AccountMenu chip={styles.chip ?? ""} />}
    </header>
  );
}
