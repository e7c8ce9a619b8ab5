import { createTheme, Drawer, Menu, Modal, Tooltip } from "@mantine/core";

export const theme = createTheme({
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // Locking the scroll writes a style element, which the page's Content-Security-Policy refuses.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true } }),
    // The placeholder takes the focus but has no role that a menu may contain.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: true } },
    }),
  },
});
