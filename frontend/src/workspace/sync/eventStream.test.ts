import { expect, it } from "vitest";
import { EventParser } from "./eventStream";

it("events cut anywhere are put together again", () => {
  const text =
    ': heartbeat\n\nevent: changes\nid: 12\ndata: {"seq":12}\n\nid: 13\r\nevent: changes\r\ndata: a\r\ndata: b\r\n\r\n';
  for (let cut = 0; cut <= text.length; cut++) {
    const parser = new EventParser();
    const events = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
    expect(events).toEqual([
      { event: "changes", id: "12", data: '{"seq":12}' },
      { event: "changes", id: "13", data: "a\nb" },
    ]);
  }
});

it("an incomplete event is not handed out", () => {
  expect(new EventParser().push("event: changes\ndata: {")).toEqual([]);
});
