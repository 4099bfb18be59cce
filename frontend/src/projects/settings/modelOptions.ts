/** The models a project can choose from, as options of a select. */
import type { Models } from "@/api/types";

export interface ModelOption {
  /** null for the server's default. */
  readonly name: string | null;
  readonly label: string;
  readonly disabled: boolean;
}

/** The default first, then every model; a removed model stays listed while it is chosen. */
export function modelOptions(models: Models | undefined, chosen: string | null): readonly ModelOption[] {
  const usual = models?.default ? `Default (now ${models.default})` : "Default";
  const options: ModelOption[] = [{ name: null, label: usual, disabled: false }];
  for (const { name, version, problem } of models?.models ?? [])
    options.push({
      name,
      label: problem === null ? `${name} · ${version}` : `${name} · cannot be used`,
      disabled: problem !== null && name !== chosen,
    });
  if (chosen !== null && !options.some(({ name }) => name === chosen))
    options.push({ name: chosen, label: models ? `${chosen} · removed` : chosen, disabled: false });
  return options;
}

/** Explains the choice. */
export function modelHint(models: Models | undefined, chosen: string | null): string {
  if (models === undefined) return "";
  const model = models.models.find(({ name }) => name === (chosen ?? models.default));
  if (model === undefined)
    return chosen === null
      ? "The default model is being loaded."
      : `There is no model ${chosen} any more. Choose another, or add it again with “maskloom models add”.`;
  if (model.problem !== null) return `It cannot be used: ${model.problem}.`;
  const millions = model.num_parameters / 1e6;
  return `${millions.toFixed(millions < 10 ? 1 : 0)} M parameters, frames at ${model.input_size} px.`;
}
