import { testChapter } from "./support/chapter.ts";
import { openServed } from "./support/stages.ts";

testChapter({ page: "docs/history.md", open: () => openServed() });
