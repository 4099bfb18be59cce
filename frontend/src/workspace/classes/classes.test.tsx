import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { videoPoint } from "@/geometry/points";
import { TooltipProvider } from "@/ui/Tooltip";
import { ClassControls } from "../panels/attributes/ClassControls";
import { ObjectDescription } from "../panels/attributes/ObjectDescription";
import { ShortcutSheet } from "../shortcuts/ShortcutSheet";
import { useShortcuts } from "../shortcuts/useShortcuts";
import { SessionContext } from "../state/context";
import { makeSession } from "../state/exampleSession";
import { listedObjects } from "../state/selectors";
import { EXAMPLE_ONTOLOGY, makeMasklet } from "../sync/exampleRows";
import { mergeMasklet } from "../sync/replica";
import { missingWords, shownObjects } from "./shownObjects";

afterEach(cleanup);

function Parts() {
  useShortcuts();
  return (
    <TooltipProvider>
      <ClassControls />
      <ObjectDescription />
      <ShortcutSheet />
    </TooltipProvider>
  );
}

/** A workspace with one object selected, in a project with classes. */
function open() {
  const { session, sent } = makeSession();
  session.store.setState({ ontology: EXAMPLE_ONTOLOGY });
  render(
    <SessionContext value={session}>
      <Parts />
    </SessionContext>,
  );
  return { session, sent, press: (key: string) => fireEvent.keyDown(document.body, { key }) };
}

it("the key of a class gives it to the selected object, and takes it away again", () => {
  const { session, sent, press } = open();
  press("g");
  expect(sent).toEqual([{ kind: "describe", object: "m1", classId: "tree", values: [] }]);
  session.store.setState(({ replica }) => ({
    replica: mergeMasklet(replica, makeMasklet({ class_id: "tree", seq: 5 })),
  }));
  press("g");
  expect(sent.at(-1)).toMatchObject({ classId: null });
});

it("with nothing selected it is the class of new objects until it is pressed again", () => {
  const { session, sent, press } = open();
  session.store.setState({ selected: null });
  press("1");
  session.actions.perform({ kind: "click", at: videoPoint(3, 3), positive: true });
  expect(sent[0]).toMatchObject({ kind: "create", classId: "car" });
  session.store.setState({ selected: null });
  press("1");
  expect(session.store.getState().classInHand).toBeNull();
});

it("a digit that no class has still picks an object, and whoever may only look picks with all of them", () => {
  const { session, sent, press } = open();
  session.store.setState(({ replica }) => ({
    replica: mergeMasklet(replica, makeMasklet({ id: "m2", number: 2 })),
  }));
  press("2");
  expect(session.store.getState().selected).toBe("m2");
  session.store.setState({ gone: true });
  press("1");
  expect(session.store.getState().selected).toBe("m1");
  expect(sent).toEqual([]);
});

it("the sheet names the keys of the classes", () => {
  const { session } = open();
  fireEvent.keyDown(document.body, { key: "?" });
  expect(session.store.getState().sheetOpen).toBe(true);
  const row = within(screen.getByTestId("shortcut-sheet")).getByText("Tree").parentElement;
  expect(row?.textContent).toBe("TreeG");
});

it("a value of what changes over time holds from the frame that is shown", () => {
  const { session, sent } = open();
  act(() => session.store.setState({ frameIndex: 4, shownFrame: 4 }));
  fireEvent.change(screen.getByLabelText("Occluded"), { target: { value: "yes" } });
  const values = [{ attribute_id: "occluded", frame_index: 4, value: true }];
  expect(sent).toEqual([{ kind: "describe", object: "m1", values }]);
});

it("what is on its way to the server is shown already", () => {
  const { session } = open();
  const write = {
    kind: "describe",
    object: "m1",
    classId: "car",
    values: [{ attribute_id: "occluded", frame_index: 4, value: true }],
  } as const;
  session.store.setState({ queue: [{ actionId: "a", write, state: "waiting", basis: "" }] });
  const [object] = listedObjects(session.store.getState());
  expect(object?.objectClass?.name).toBe("Car");
  expect(object?.attributes).toEqual({ occluded: { 4: true } });
});

it("a filter shows a class with its kinds, and the selected object whatever it is", () => {
  const { session } = open();
  const more = [
    makeMasklet({ id: "m2", number: 2, class_id: "car" }),
    makeMasklet({ id: "m3", number: 3, class_id: "tree" }),
  ];
  session.store.setState(({ replica }) => ({ replica: more.reduce(mergeMasklet, replica) }));
  const shown = () => shownObjects(session.store.getState()).map(({ key }) => key);
  fireEvent.change(screen.getByTestId("class-filter"), { target: { value: "v" } });
  expect(shown()).toEqual(["m1", "m2"]);
  session.store.setState({ selected: null });
  expect(shown()).toEqual(["m2"]);
  fireEvent.change(screen.getByTestId("class-filter"), { target: { value: "none" } });
  expect(shown()).toEqual(["m1"]);
});

it("objects take the colour of their class when they are to", () => {
  const { session } = open();
  session.store.setState(({ replica }) => ({
    replica: mergeMasklet(replica, makeMasklet({ class_id: "tree", seq: 5 })),
  }));
  fireEvent.click(screen.getByTestId("color-by"));
  expect(listedObjects(session.store.getState())[0]?.look.color).toBe("#00aa00");
});

it("what is missing is told by attribute and object", () => {
  const { session } = open();
  const state = session.store.getState();
  expect(missingWords(state, { attributes: {} })).toEqual(["Class of Object 1", "Occluded of Object 1"]);
  const attributes = { occluded: { 0: true } };
  const said = mergeMasklet(state.replica, makeMasklet({ class_id: "car", attributes, seq: 5 }));
  expect(missingWords({ ...state, replica: said }, { attributes: {} })).toEqual([]);
});
