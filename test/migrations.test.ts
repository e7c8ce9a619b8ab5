import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { migrationsDirectory } from "./support/migrate.ts";

// During an upgrade two versions use the same tables: the old one until the deploy is published, the new one from then on.

const files = readdirSync(migrationsDirectory).filter((name) => name.endsWith(".sql"));

/** What a statement takes from the version before: its statements fail, or rows that it writes are rejected. */
function taken(sql: string): string[] {
  const statements = sql.replaceAll(/--.*$/gm, "").toLowerCase().split(";");
  const readded = statements.flatMap((one) => one.match(/(?<=add constraint )\w+/g) ?? []);
  return statements.flatMap((statement) => {
    const found =
      statement.match(
        /\bdrop (table|column|view|function|default|type|constraint \w+)|\brename\b (to|column)|\balter column\b|\bset not null\b|\bset data type\b/g,
      ) ?? [];
    const required = statement
      .split(/add column/)
      .slice(1)
      .filter((column) => /not null/.test(column) && !/default|generated/.test(column));
    const isWidened = (one: string) => readded.includes(one.replace("drop constraint ", ""));
    return [...found.filter((one) => !isWidened(one)), ...required.map((column) => `add column${column}`)];
  });
}

it.each(files)("%s only adds: the version before still works on the new tables", (name) => {
  expect(taken(readFileSync(join(migrationsDirectory, name), "utf8"))).toEqual([]);
});

it("numbers are unique, and below those for migrations of a team's own", () => {
  const numbers = files.map((name) => Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]));
  expect(numbers.length).toBeGreaterThan(15);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const number of numbers) expect(number).toBeLessThan(9001);
});

it("what is not additive is found", () => {
  expect(taken("alter table a drop column b")).toEqual(["drop column"]);
  expect(taken("alter table a add column b text not null")).toHaveLength(1);
  expect(taken("alter table a add column b text not null default ''")).toEqual([]);
  expect(taken("alter table a drop constraint c; alter table a add constraint c check (true)")).toEqual([]);
  expect(taken("alter table a rename column b to c")).toHaveLength(1);
});
