import styles from "./Kbd.module.css";

/** Keys as caps: "Ctrl+K" becomes two. A plus sign alone stays a plus sign. */
export function Kbd({ keys }: { readonly keys: string }) {
  const caps = keys === "+" ? ["+"] : keys.split("+");
  return (
    <span className={styles.keys}>
      {caps.map((cap) => (
        <kbd key={cap} className={styles.cap}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
