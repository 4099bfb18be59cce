import type { PointerInput, Step, Tool } from "./tool";

export type SelectState = { readonly at: "idle" } | { readonly at: "pressing" };

const IDLE: SelectState = { at: "idle" };

function reduce(state: SelectState, input: PointerInput): Step<SelectState> {
  if (input.type === "cancel") return { state: IDLE };
  switch (state.at) {
    case "idle":
      return input.type === "down" ? { state: { at: "pressing" } } : { state };
    case "pressing":
      return input.type === "up" ? { state: IDLE, gesture: { kind: "select", at: input.video } } : { state };
    default:
      return state satisfies never;
  }
}

export const selectTool: Tool<SelectState> = { initial: IDLE, reduce, cursor: "default", paint: () => {} };
