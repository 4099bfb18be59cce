import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { Markdown } from "./Markdown";

afterEach(cleanup);

async function show(source: string): Promise<HTMLElement> {
  const { container } = render(<Markdown source={`${source}\n\nEnd of the card.`} />);
  await screen.findByText("End of the card.");
  return container;
}

it("shows headings below the page's own, lists, tables and code", async () => {
  const card = await show(
    "# Card\n\n- a\n- b\n  goes on\n\n| m | v |\n|---|---:|\n| IoU | **2** |\n\n```\n# no heading\n```",
  );
  expect(card.querySelector("h1")).toBeNull();
  expect(card.querySelector("h2")?.textContent).toBe("Card");
  expect([...card.querySelectorAll("li")].map((item) => item.textContent?.replace(/\s+/g, " "))).toEqual([
    "a",
    "b goes on",
  ]);
  expect(card.querySelector("td strong")?.textContent).toBe("2");
  expect(card.querySelector("pre")?.textContent).toBe("# no heading\n");
});

it("does not show front matter", async () => {
  expect((await show("---\nlicense: apache-2.0\n---\nText")).textContent).not.toContain("license");
});

it("links web addresses and nothing else", async () => {
  const card = await show(
    "[go](https://example.org) [run](javascript:alert(1)) [file](file:///etc) [here](/projects)",
  );
  const links = [...card.querySelectorAll("a")];
  expect(links.map((link) => link.getAttribute("href"))).toEqual(["https://example.org"]);
  expect(links[0]?.rel).toBe("noreferrer noopener");
  expect(card.textContent).toContain("go run file here");
});

it("leaves HTML as text and loads no pictures", async () => {
  const card = await show(
    "<img src=x onerror=y> and <script>alert(1)</script> ![a plot](https://x.org/p.png)",
  );
  expect(card.querySelector("img, script")).toBeNull();
  expect(card.textContent).toContain("<img src=x onerror=y>");
  expect(card.textContent).toContain("a plot");
});

it("does not take underscores inside a name for emphasis", async () => {
  expect((await show("predicted_iou and object_score")).querySelector("em")).toBeNull();
});
