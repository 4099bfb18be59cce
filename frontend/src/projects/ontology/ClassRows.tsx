import { type KeyboardEvent, useId, useState } from "react";
import { CLASS_KEYS, isClassKey } from "@/api/ontology";
import { Button, IconButton } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { type ClassDraft, isNamed, moved, newClass, sameName } from "./draft";
import styles from "./Ontology.module.css";

interface ClassRowsProps {
  readonly classes: readonly ClassDraft[];
  readonly faults: ReadonlyMap<number, string>;
  readonly onChange: (classes: readonly ClassDraft[]) => void;
}

/** The classes, one a row; Enter adds the next. */
export function ClassRows({ classes, faults, onChange }: ClassRowsProps) {
  const names = useId();
  const [focused, setFocused] = useState<number | null>(null);
  function add() {
    const added = newClass(classes);
    setFocused(added.row);
    onChange([...classes, added]);
  }
  return (
    <section className={styles.section} aria-label="Classes">
      <header>
        <h2>Classes</h2>
        <p>
          One press of its key in the workspace gives a new object the class, or the selected one another. A
          digit then no longer picks an object. Enter adds a row, Alt+↑ and Alt+↓ move one.
        </p>
      </header>
      <datalist id={names}>
        {classes.filter(isNamed).map(({ row, name }) => (
          <option key={row} value={name} />
        ))}
      </datalist>
      {classes.length > 0 && (
        <div className={styles.classHead} aria-hidden="true">
          <span />
          <span>Name</span>
          <span>Key</span>
          <span>Noun phrase</span>
          <span>A kind of</span>
          <span />
        </div>
      )}
      <ul className={styles.rows} data-testid="classes">
        {classes.map((each) => (
          <ClassRow
            key={each.row}
            shown={each}
            classes={classes}
            fault={faults.get(each.row)}
            names={names}
            isFocused={each.row === focused}
            onChange={(next) => onChange(classes.map((other) => (other.row === each.row ? next : other)))}
            onRemove={() =>
              onChange(
                classes
                  .filter(({ row }) => row !== each.row)
                  .map((other) => (other.parent === each.row ? { ...other, parent: each.parent } : other)),
              )
            }
            onKeyDown={(event) => {
              if (event.key === "Enter") add();
              else if (event.altKey && event.key === "ArrowUp") onChange(moved(classes, each.row, -1));
              else if (event.altKey && event.key === "ArrowDown") onChange(moved(classes, each.row, 1));
              else return;
              event.preventDefault();
            }}
          />
        ))}
      </ul>
      <Button onClick={add} className={styles.add ?? ""} data-testid="add-class">
        <Icon name="plus" />
        Add a class
      </Button>
    </section>
  );
}

interface ClassRowProps {
  readonly shown: ClassDraft;
  readonly classes: readonly ClassDraft[];
  readonly fault: string | undefined;
  /** The list of all names. */
  readonly names: string;
  readonly isFocused: boolean;
  readonly onChange: (next: ClassDraft) => void;
  readonly onRemove: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function ClassRow({ shown, classes, fault, names, isFocused, onChange, onRemove, onKeyDown }: ClassRowProps) {
  const taken = new Set(classes.map(({ key }) => key));
  const about = shown.name || "new class";
  return (
    <li className={styles.row}>
      <div className={styles.classFields}>
        <input
          type="color"
          value={shown.color}
          aria-label={`Colour of ${about}`}
          onChange={(event) => onChange({ ...shown, color: event.target.value })}
        />
        <input
          // biome-ignore lint/a11y/noAutofocus: the row was just added by the person who now names it.
          autoFocus={isFocused}
          value={shown.name}
          maxLength={64}
          aria-label="Name"
          aria-invalid={fault !== undefined}
          onChange={(event) => onChange({ ...shown, name: event.target.value })}
          onKeyDown={onKeyDown}
          data-testid="class-name"
        />
        <select
          value={shown.key ?? ""}
          aria-label={`Key of ${about}`}
          onChange={(event) =>
            onChange({ ...shown, key: isClassKey(event.target.value) ? event.target.value : null })
          }
        >
          <option value="">–</option>
          {CLASS_KEYS.filter((key) => key === shown.key || !taken.has(key)).map((key) => (
            <option key={key}>{key}</option>
          ))}
        </select>
        <input
          value={shown.nounPhrase}
          maxLength={200}
          placeholder={shown.name && `a ${shown.name.toLowerCase()}`}
          aria-label={`Noun phrase of ${about}`}
          onChange={(event) => onChange({ ...shown, nounPhrase: event.target.value })}
          onKeyDown={onKeyDown}
        />
        <ParentField shown={shown} classes={classes} names={names} onChange={onChange} />
        <IconButton label={`Remove ${about}`} onClick={onRemove}>
          <Icon name="trash" />
        </IconButton>
      </div>
      {fault !== undefined && (
        <p className={styles.fault} role="alert">
          {fault}
        </p>
      )}
    </li>
  );
}

type ParentFieldProps = Pick<ClassRowProps, "shown" | "classes" | "names" | "onChange">;

/** A name that is typed or picked; what names no class says so and counts as none. */
function ParentField({ shown, classes, names, onChange }: ParentFieldProps) {
  const parent = classes.find(({ row }) => row === shown.parent)?.name ?? "";
  const [typed, setTyped] = useState<string | null>(null);
  const found = (name: string) => classes.find((each) => isNamed(each) && sameName(each.name, name));
  const isUnknown = typed !== null && typed.trim() !== "" && found(typed) === undefined;
  return (
    <input
      value={typed ?? parent}
      list={names}
      aria-label={`${shown.name || "New class"} is a kind of`}
      aria-invalid={isUnknown}
      title={isUnknown ? "There is no class of this name." : ""}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange({ ...shown, parent: found(event.target.value)?.row ?? null });
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
