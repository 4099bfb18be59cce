import { configure } from "@testing-library/react";

// What a component loads when it is first shown takes seconds on a machine that checks types at the same time.
configure({ asyncUtilTimeout: 15_000 });
