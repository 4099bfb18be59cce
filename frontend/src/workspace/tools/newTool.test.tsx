import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Phase } from "@/api/types";
import { TooltipProvider } from "@/ui/Tooltip";
import { ToolRail } from "../panels/ToolRail";
import { ShortcutSheet } from "../shortcuts/ShortcutSheet";
import { useShortcuts } from "../shortcuts/useShortcuts";
import { StagePointer } from "../stage/stagePointer";
import type { StageView } from "../stage/stageView";
import { SessionContext } from "../state/context";
import { makeSession } from "../state/exampleSession";
import { mayTake } from "../state/phaseBook";
import type { ToolId } from "./registry";
import { toolOf } from "./tools";

// The one line that adds a tool: nothing else in the application is told of it.
vi.mock("./registry", async (original) => {
  const [{ TOOLS }, { stampTool }] = await Promise.all([
    original<typeof import("./registry")>(),
    import("./exampleTool"),
  ]);
  return { TOOLS: [...TOOLS, stampTool] };
});

const STAMP = "stamp" as ToolId;

afterEach(cleanup);

function Parts() {
  useShortcuts();
  return (
    <TooltipProvider>
      <ToolRail />
      <ShortcutSheet />
    </TooltipProvider>
  );
}

function open(phase: Phase) {
  const made = makeSession(phase);
  render(
    <SessionContext value={made.session}>
      <Parts />
    </SessionContext>,
  );
  return made;
}

it("a new tool stands in the rail, with a tooltip that names its key", async () => {
  open("sam2");
  const button = screen.getByRole("button", { name: "Stamp a point" });
  expect(button.querySelector("path")?.getAttribute("d")).toBe("M8 8h.01");
  fireEvent.focus(button);
  const tooltip = await screen.findByRole("tooltip");
  expect(tooltip.textContent).toContain("Stamp a point");
  expect(tooltip.querySelector("kbd")?.textContent).toBe("Y");
});

it("a new tool stands in the sheet", () => {
  const { session } = open("sam2");
  fireEvent.keyDown(window, { key: "?" });
  expect(session.store.getState().sheetOpen).toBe(true);
  const row = within(screen.getByTestId("shortcut-sheet")).getByText("Stamp a point").parentElement;
  expect(row?.querySelector("kbd")?.textContent).toBe("Y");
});

it("a new tool is there only in phases that have it", () => {
  const { session } = open("sam_per_frame");
  expect(screen.queryByRole("button", { name: "Stamp a point" })).toBeNull();
  expect(mayTake(session.store.getState(), STAMP)).toBe(false);
  fireEvent.keyDown(document.body, { key: "y" });
  expect(session.store.getState().tool).toBe("point");
});

it("a new tool is taken up by its key and works on the stage", () => {
  const { session, sent } = open("sam2");
  fireEvent.keyDown(document.body, { key: "y" });
  expect(session.store.getState().tool).toBe("stamp");
  session.store.setState({ view: { scale: 1, offsetX: 0, offsetY: 0 } });
  const stage = document.createElement("div");
  const view = { pointAt: () => {}, hold: () => {} } as unknown as StageView;
  const pointer = new StagePointer(session, stage, view, toolOf(STAMP).pickUp());
  stage.dispatchEvent(new MouseEvent("pointerdown", { clientX: 5, clientY: 6 }));
  stage.dispatchEvent(new MouseEvent("pointerup", { clientX: 7, clientY: 8 }));
  pointer.close();
  expect(sent).toMatchObject([{ kind: "prompts", prompts: { clicks: [{ x: 7, y: 8, label: "positive" }] } }]);
});
