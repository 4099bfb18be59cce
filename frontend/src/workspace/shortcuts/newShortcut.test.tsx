import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { Tooltip, TooltipProvider } from "@/ui/Tooltip";
import { SessionContext } from "../state/context";
import { makeSession } from "../state/exampleSession";
import { ShortcutSheet } from "./ShortcutSheet";
import type { WorkspaceShortcut } from "./shortcut";
import { SHORTCUTS } from "./shortcuts";
import { useShortcuts } from "./useShortcuts";

// The one entry that adds a shortcut.
vi.mock("./edits", async (original) => {
  const { EDITS } = await original<typeof import("./edits")>();
  const raiseHand: WorkspaceShortcut = {
    group: "History",
    chords: ["Ctrl+Shift+ArrowUp"],
    label: "Raise a hand",
    run: ({ store }) => store.setState({ savePulse: 99 }),
  };
  return { EDITS: { ...EDITS, raiseHand } };
});

afterEach(cleanup);

function Parts() {
  useShortcuts();
  const { raiseHand } = SHORTCUTS as unknown as Record<"raiseHand", WorkspaceShortcut>;
  return (
    <TooltipProvider>
      <Tooltip shortcut={raiseHand}>
        <button type="button">Hand</button>
      </Tooltip>
      <ShortcutSheet />
    </TooltipProvider>
  );
}

function open() {
  const { session } = makeSession();
  render(
    <SessionContext value={session}>
      <Parts />
    </SessionContext>,
  );
  return session;
}

const caps = (element: Element | null | undefined) =>
  [...(element?.querySelectorAll("kbd") ?? [])].map((cap) => cap.textContent);

it("a new shortcut runs", () => {
  const session = open();
  fireEvent.keyDown(document.body, { key: "ArrowUp", ctrlKey: true, shiftKey: true });
  expect(session.store.getState().savePulse).toBe(99);
});

it("a new shortcut explains itself in a tooltip", async () => {
  open();
  fireEvent.focus(screen.getByRole("button", { name: "Hand" }));
  const tooltip = await screen.findByRole("tooltip");
  expect(tooltip.textContent).toContain("Raise a hand");
  expect(caps(tooltip)).toEqual(["Ctrl", "Shift", "↑"]);
});

it("a new shortcut stands in the sheet under its heading", () => {
  const session = open();
  fireEvent.keyDown(document.body, { key: "?" });
  expect(session.store.getState().sheetOpen).toBe(true);
  const row = within(screen.getByTestId("shortcut-sheet")).getByText("Raise a hand").parentElement;
  expect(caps(row)).toEqual(["Ctrl", "Shift", "↑"]);
  expect(row?.closest("section")?.querySelector("h3")?.textContent).toBe("History");
});
