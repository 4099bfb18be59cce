import { useState } from "react";
import type { Becomes } from "@/api/ontology";
import type { Id, Ontology } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { SelectField } from "@/ui/Field";
import { countText } from "@/ui/numbers";
import { isNamed, type OntologyDraft, sameName } from "./draft";
import styles from "./Ontology.module.css";

/** Something that would go, and how much has it. */
export interface Use {
  readonly id: Id;
  readonly what: "class" | "attribute" | "form" | "choice";
  readonly name: string;
  readonly num: number;
}

interface SuccessorsDialogProps {
  readonly uses: readonly Use[];
  readonly before: Ontology;
  readonly draft: OntologyDraft;
  readonly busy: boolean;
  readonly onSave: (becomes: Becomes) => void;
  readonly onClose: () => void;
}

const NOTHING = "";

/** Asks what takes the place of classes, choices and attributes that are in use and would go. */
export function SuccessorsDialog({ uses, before, draft, busy, onSave, onClose }: SuccessorsDialogProps) {
  const [chosen, setChosen] = useState<Becomes>({});
  const becomes = Object.fromEntries(uses.map(({ id }) => [id, chosen[id] ?? null]));
  return (
    <Dialog
      open
      onClose={onClose}
      title="Some of this is in use"
      description="Say what takes its place. This cannot be undone."
      testId="successors"
    >
      <form
        className={styles.successors}
        onSubmit={(event) => {
          event.preventDefault();
          onSave(becomes);
        }}
      >
        {uses.map((use) => (
          <Successor
            key={use.id}
            use={use}
            names={successorsOf(use, before, draft)}
            value={chosen[use.id] ?? NOTHING}
            onChange={(name) => setChosen({ ...chosen, [use.id]: name === NOTHING ? null : name })}
          />
        ))}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="danger" type="submit" disabled={busy} data-testid="save-successors">
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface SuccessorProps {
  readonly use: Use;
  readonly names: readonly string[];
  readonly value: string;
  readonly onChange: (name: string) => void;
}

function Successor({ use, names, value, onChange }: SuccessorProps) {
  const count = countText(use.num, "use");
  if (use.what === "attribute" || use.what === "form")
    return (
      <p>
        <strong>{use.name}</strong>: its values are removed ({count})
        {use.what === "form" && ", because what they are changes"}.
      </p>
    );
  return (
    <SelectField
      label={`${use.name} (${count}) becomes`}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value={NOTHING}>{use.what === "class" ? "No class" : "No value"}</option>
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

/** The names that can take its place: other classes, or other choices of the same attribute. */
function successorsOf({ id, what }: Use, before: Ontology, draft: OntologyDraft): readonly string[] {
  if (what === "class") return draft.classes.filter(isNamed).map(({ name }) => name.trim());
  const attribute = before.attributes.find(({ choices }) => choices.some((choice) => choice.id === id));
  if (attribute === undefined) return [];
  const now =
    draft.attributes.find((each) => each.id === attribute.id) ??
    draft.attributes.find((each) => sameName(each.name, attribute.name));
  return now?.choices.filter(isNamed).map(({ name }) => name.trim()) ?? [];
}
