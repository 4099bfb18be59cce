import { HiddenWords } from "@/ui/HiddenWords";
import { Icon } from "@/ui/Icon";
import { Kbd } from "@/ui/Kbd";
import styles from "../TopBar.module.css";
import { usePalette } from "./palette";
import { APP_SHORTCUTS } from "./shortcuts";

/** Opens the search from the top bar. */
export function SearchButton() {
  const setOpen = usePalette((palette) => palette.setOpen);
  return (
    <button type="button" className={styles.chip} onClick={() => setOpen(true)}>
      <Icon name="search" size={14} />
      <HiddenWords>{APP_SHORTCUTS.search.label}</HiddenWords>
      <span className={styles.extra}>
        <Kbd shortcut={APP_SHORTCUTS.search} />
      </span>
    </button>
  );
}
