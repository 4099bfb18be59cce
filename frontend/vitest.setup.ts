import { configure } from "@testing-library/react";
import { vi } from "vitest";

// What a component loads when it is first shown takes seconds on a machine that checks types at the same time.
configure({ asyncUtilTimeout: 15_000 });

// jsdom lays nothing out, so nothing ever changes its size.
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
