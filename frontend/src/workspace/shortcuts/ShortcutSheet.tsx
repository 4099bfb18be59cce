import { Dialog } from "@/ui/Dialog";
import { Kbd } from "@/ui/Kbd";
import { useSession, useWorkspace } from "../state/context";
import { rulesInHand } from "../state/phaseBook";
import styles from "./ShortcutSheet.module.css";
import { SHORTCUTS, type Shortcut } from "./shortcuts";

/** Every key of the workspace on one page, those of the phase in hand. */
export function ShortcutSheet() {
  const session = useSession();
  const open = useWorkspace((state) => state.sheetOpen);
  const rules = useWorkspace(rulesInHand);
  const offered = SHORTCUTS.filter(({ needs }) => needs === undefined || rules?.tools.includes(needs));
  return (
    <Dialog
      open={open}
      onClose={() => session.view.openSheet(false)}
      title="Keyboard shortcuts"
      width={1040}
      testId="shortcut-sheet"
    >
      <div className={styles.columns}>
        {byGroup(offered).map(([group, shortcuts]) => (
          <section key={group} className={styles.group}>
            <h3>{group}</h3>
            <dl>
              {shortcuts.map((shortcut) => (
                <div key={shortcut.label} className={styles.row}>
                  <dt>{shortcut.label}</dt>
                  <dd>
                    <Kbd keys={shortcut.shown ?? shortcut.chords[0] ?? ""} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function byGroup(offered: readonly Shortcut[]): readonly (readonly [string, readonly Shortcut[]])[] {
  const groups = new Map<string, Shortcut[]>();
  for (const shortcut of offered) {
    const group = groups.get(shortcut.group) ?? [];
    group.push(shortcut);
    groups.set(shortcut.group, group);
  }
  return [...groups];
}
