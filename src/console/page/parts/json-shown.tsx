import { defaultStyles, JsonView } from "react-json-view-lite";

/** Collapsible JSON. It uses the page's colours (style.css), which fit light and dark. */
const style = {
  ...defaultStyles,
  container: "json",
  basicChildStyle: "json-child",
  childFieldsContainer: "json-children",
  collapseIcon: `${defaultStyles.collapseIcon} json-icon`,
  expandIcon: `${defaultStyles.expandIcon} json-icon`,
  label: "json-label",
  clickableLabel: "json-label json-clickable",
  stringValue: "json-string",
  numberValue: "json-number",
  booleanValue: "json-word",
  nullValue: "json-word",
  undefinedValue: "json-word",
  otherValue: "json-word",
  punctuation: "json-punctuation",
  quotesForFieldNames: false,
  stringifyStringValues: true,
};

/** Larger levels start collapsed: a list of thousands would freeze the page. */
const maxUnfolded = 60;

export function JsonShown({ value, label }: { value: unknown; label: string }) {
  if (typeof value !== "object" || value === null) return <code>{JSON.stringify(value)}</code>;
  return (
    <JsonView
      data={value}
      aria-label={label}
      style={style}
      clickToExpandNode
      shouldExpandNode={(level, node: unknown) =>
        level < 3 && Object.keys(Object(node)).length <= maxUnfolded
      }
    />
  );
}
