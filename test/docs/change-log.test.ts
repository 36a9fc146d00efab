import { createPostgresDatabase } from "../support/database.ts";
import { atEnd } from "../e2e/support/cleanup.ts";
import { testChapter } from "./support/chapter.ts";
import { openShell } from "./support/shell.ts";

testChapter({
  page: "docs/change-log.md",
  open: async () => {
    const database = await createPostgresDatabase();
    atEnd(database.remove);
    return { shell: openShell({ DATABASE_URL: database.choice.url }), edits: [] };
  },
});
