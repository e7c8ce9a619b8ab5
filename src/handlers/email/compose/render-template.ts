import { own } from "../../../lib/shared/own.ts";
import { escapeHtml, safeUrl } from "./sanitize.ts";

/** The values of a template: text by name, and for each section the list of views to repeat it for. */
export interface View {
  [name: string]: string | readonly View[];
}

/**
 * Replaces `{{name}}`, and repeats `{{#name}}…{{/name}}` for each view in that list; an empty list removes the section.
 * Every value is escaped and inserted in a single pass, so it cannot act as markup or as a placeholder.
 * Names that end in `Url` hold URLs; unsafe URLs become empty. Throws if the view has no value for a name.
 */
export function fill(template: string, view: View): string {
  return template.replace(
    /\{\{#(\w+)\}\}(.*?)\{\{\/\1\}\}|\{\{(\w+)\}\}/gs,
    (_all, section: string | undefined, inner: string, name: string | undefined) => {
      const key = section ?? name ?? "";
      const value = own(view, key);
      if (section !== undefined && Array.isArray(value))
        return value.map((item: View) => fill(inner, { ...view, ...item })).join("");
      if (section === undefined && typeof value === "string")
        return escapeHtml(key.endsWith("Url") ? (safeUrl(value) ?? "") : value);
      throw new Error(`no value for the template placeholder ${key}`);
    },
  );
}
