/** The page's own signs, drawn on 16 × 16. A word always stands beside them. */
const drawings = {
  attention: "M8 2.5 14.2 13.5H1.8Z M8 6.5v3 M8 11.6v.1",
  back: "M10 3 5 8l5 5",
  bars: "M5.5 3.5v9 M10.5 3.5v9",
  box: "M8 1.8 13.5 4.7v6.6L8 14.2 2.5 11.3V4.7Z M2.5 4.7 8 7.6l5.5-2.9 M8 7.6v6.6",
  check: "M3 8.5 6.5 12 13 4.5",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Z M8 4.8V8l2.2 1.6",
  close: "M4 4l8 8 M12 4l-8 8",
  cloud: "M4.5 12.5a3 3 0 0 1-.3-6 4 4 0 0 1 7.7 1A2.6 2.6 0 0 1 11.5 12.5Z",
  copy: "M5.5 5.5h7v8h-7Z M3.5 10.5v-8h7",
  dash: "M4 8h8",
  dots: "M3.2 8h.6 M7.7 8h.6 M12.2 8h.6",
  down: "M4 6l4 4 4-4",
  file: "M4 2h5l3 3v9H4Z M9 2v3h3",
  forward: "M6 3l5 5-5 5",
  globe: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Z M2 8h12 M8 2c2.2 2 2.2 10 0 12 M8 2c-2.2 2-2.2 10 0 12",
  health: "M1.5 8.5H5L6.5 4 9.5 12 11 8.5h3.5",
  inbox: "M2 9.5h3.5L6.5 11.5h3l1-2H14 M2 9.5 4 3h8l2 6.5V13H2Z",
  list: "M3 4h10 M3 8h10 M3 12h7",
  lock: "M4 7.5h8v6H4Z M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  mail: "M2 4h12v9H2Z M2.5 4.5 8 9l5.5-4.5",
  menu: "M2.5 4.5h11 M2.5 8h11 M2.5 11.5h11",
  open: "M9.5 3H13v3.5 M13 3 7.5 8.5 M11.5 9.5V13H3V4.5h3.5",
  people:
    "M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z M1.5 13.5c0-5 9-5 9 0 M10.5 3.2a2.5 2.5 0 0 1 0 4.6 M11.8 9.7c1.7.5 2.7 1.8 2.7 3.8",
  play: "M4.5 3v10l8-5Z",
  refused: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Z M3.8 3.8l8.4 8.4",
  retry: "M13 8a5 5 0 1 1-1.5-3.6 M13 2v3h-3",
  shield: "M8 1.8 13.5 4v4c0 3-2.3 5.2-5.5 6.2C4.8 13.2 2.5 11 2.5 8V4Z M5.5 8l2 2 3.2-3.6",
  star: "M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5Z",
  trash: "M2.5 4.5h11 M6 4.5v-2h4v2 M4 4.5 4.6 14h6.8L12 4.5",
  undo: "M6.5 3 3 6.5 6.5 10 M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7",
  up: "M4 10l4-4 4 4",
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={drawings[name]} />
    </svg>
  );
}
