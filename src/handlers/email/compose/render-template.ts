import { own } from "../../../lib/shared/own.ts";
import { escapeHtml, safeUrl } from "./sanitize.ts";

/** What a template is filled with: text by name, and for each of its sections the views to repeat it for. */
export interface View {
  [name: string]: string | readonly View[];
}

/**
 * Fills `{{name}}` and repeats `{{#name}}…{{/name}}` for each view of that name; an empty list leaves it out.
 * Every value is escaped and looked at once, so nothing in it can act as markup or as a placeholder.
 * Names that end in `Url` hold URLs; one that a mail must not link to becomes empty. Throws on a name that the view lacks.
 */
export function fill(template: string, view: View): string {
  return template.replace(
    /\{\{#(\w+)\}\}(.*?)\{\{\/\1\}\}|\{\{(\w+)\}\}/gs,
    (_all, section: string | undefined, inner: string, name: string | undefined) => {
      const key = section ?? name ?? "";
      const value = own(view, key);
      if (section !== undefined && Array.isArray(value))
        return value.map((one: View) => fill(inner, { ...view, ...one })).join("");
      if (section === undefined && typeof value === "string")
        return escapeHtml(key.endsWith("Url") ? (safeUrl(value) ?? "") : value);
      throw new Error(`the template's ${key} is not in what it is filled with`);
    },
  );
}
