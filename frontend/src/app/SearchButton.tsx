import { Icon } from "@/ui/Icon";
import { Kbd } from "@/ui/Kbd";
import { usePalette } from "./palette";
import styles from "./TopBar.module.css";

export function SearchButton() {
  const setOpen = usePalette((palette) => palette.setOpen);
  return (
    <button type="button" className={styles.chip} onClick={() => setOpen(true)} aria-label="Go to anything">
      <Icon name="search" size={14} />
      <Kbd keys="Ctrl+K" />
    </button>
  );
}
