import { capsOf, type KeyHint } from "@/keys/shortcut";
import styles from "./Kbd.module.css";

/** The keys of a shortcut as caps. */
export function Kbd({ shortcut }: { readonly shortcut: KeyHint }) {
  return (
    <span className={styles.keys}>
      {capsOf(shortcut).map((cap) => (
        <kbd key={cap} className={styles.cap}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
