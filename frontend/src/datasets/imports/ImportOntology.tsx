import type { ImportDetails, NewImport } from "@/api/types";
import { Disclosure } from "@/ui/Disclosure";
import { SelectField } from "@/ui/Field";
import { Icon } from "@/ui/Icon";
import { countText } from "@/ui/numbers";
import { Switch } from "@/ui/Switch";
import styles from "./Import.module.css";
import { attributeText, classText, matchText } from "./importWords";

const SHOWN = 100;

/** What a person says of labels and attributes before an import is written. */
export type ImportOptions = Omit<Required<NewImport>, "then">;

interface ImportOntologyProps {
  readonly item: ImportDetails;
  readonly options: ImportOptions;
  readonly onChange: (options: ImportOptions) => void;
}

/** What becomes of the dataset's labels and attributes. Nothing of a dataset that has neither. */
export function ImportOntology({ item, options, onChange }: ImportOntologyProps) {
  const classes = item.classes.map((each) => ({
    name: each.name,
    here: each.class_name,
    fault: each.fault,
    count: countText(each.num_objects, "object"),
    words: classText(each),
  }));
  const attributes = item.attributes.map((each) => ({
    name: each.name,
    here: each.attribute_name,
    fault: each.fault,
    count: countText(each.num_values, "value"),
    words: attributeText(each),
  }));
  return (
    <>
      {classes.length > 0 && (
        <SelectField
          label="Labels become"
          value={options.labels}
          onChange={(event) =>
            onChange({ ...options, labels: event.target.value as ImportOptions["labels"] })
          }
          data-testid="import-labels"
        >
          <option value="classes">Classes of the project</option>
          <option value="names">Names only</option>
        </SelectField>
      )}
      {options.labels === "classes" && <Matches title="Classes" parts={classes} testId="import-classes" />}
      {attributes.length > 0 && (
        <Switch
          label="Take values of attributes"
          checked={options.take_attributes}
          onChange={(taken) => onChange({ ...options, take_attributes: taken })}
          testId="import-attributes-taken"
        />
      )}
      {options.take_attributes && (
        <Matches title="Attributes" parts={attributes} testId="import-attributes" />
      )}
    </>
  );
}

interface Part {
  readonly name: string;
  readonly here: string | null;
  readonly fault: string | null;
  readonly count: string;
  readonly words: string;
}

/** All in a list that is folded away, and above it those that are left out. */
function Matches(props: {
  readonly title: string;
  readonly parts: readonly Part[];
  readonly testId: string;
}) {
  const { title, parts, testId } = props;
  const faulty = parts.filter(({ fault }) => fault !== null);
  if (parts.length === 0) return null;
  return (
    <div className={styles.words} data-testid={testId}>
      {faulty.slice(0, SHOWN).map(({ name, fault, count }) => (
        <span key={name} className={styles.fault}>
          <Icon name="warning" size={12} /> {name} is left out ({count}): {fault}
        </span>
      ))}
      <Disclosure title={title} summary={matchText(parts)} testId={`${testId}-shown`}>
        <ul className={styles.list}>
          {parts
            .filter(({ fault }) => fault === null)
            .slice(0, SHOWN)
            .map(({ name, words }) => (
              <li key={name} className={styles.row}>
                <span className={styles.name}>{name}</span>
                <span className={styles.facts}>{words}</span>
              </li>
            ))}
        </ul>
        {parts.length - faulty.length > SHOWN && (
          <p className={styles.facts}>and {parts.length - faulty.length - SHOWN} more</p>
        )}
      </Disclosure>
    </div>
  );
}
