import { Dialog } from "@/ui/Dialog";
import { Kbd } from "@/ui/Kbd";
import { useSession, useWorkspace } from "../state/context";
import { rulesInHand } from "../state/phaseBook";
import { classShortcuts } from "./classes";
import styles from "./ShortcutSheet.module.css";
import type { WorkspaceShortcut } from "./shortcut";
import { ALL_SHORTCUTS } from "./shortcuts";

/** Every key of the workspace that the phase in hand has, on one page. */
export function ShortcutSheet() {
  const session = useSession();
  const open = useWorkspace((state) => state.sheetOpen);
  const rules = useWorkspace(rulesInHand);
  const ontology = useWorkspace((state) => state.ontology);
  const all = [...ALL_SHORTCUTS, ...classShortcuts(ontology)];
  const offered = all.filter(({ needs }) => needs === undefined || rules?.tools.includes(needs));
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
                    <Kbd shortcut={shortcut} />
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

function byGroup(
  offered: readonly WorkspaceShortcut[],
): readonly (readonly [string, readonly WorkspaceShortcut[]])[] {
  const groups = new Map<string, WorkspaceShortcut[]>();
  for (const shortcut of offered) {
    const group = groups.get(shortcut.group) ?? [];
    group.push(shortcut);
    groups.set(shortcut.group, group);
  }
  return [...groups];
}
