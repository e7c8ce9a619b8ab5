import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import { realDatabase, type TestDatabase } from "./databases.ts";
import { configured } from "./environment.ts";
import { type Site, site } from "./site.ts";

/**
 * A database of its own for the tests of a file or a `describe`, a site that takes nudges, and the environment of a configured
 * receiver, which each test may change.
 */
export function ownReceiver(open: () => Promise<TestDatabase> = realDatabase): {
  readonly database: TestDatabase;
  readonly site: Site;
} {
  let opened: { database: TestDatabase; site: Site } | undefined;
  const running = () => {
    if (opened === undefined) throw new Error("the receiver exists only within tests");
    return opened;
  };
  beforeAll(async () => {
    opened = { database: await open(), site: await site() };
  });
  afterAll(async () => {
    await opened?.site.close();
    await opened?.database.drop();
  });
  beforeEach(() => configured(running().database.url));
  afterEach(() => vi.unstubAllEnvs());
  return {
    get database() {
      return running().database;
    },
    get site() {
      return running().site;
    },
  };
}
