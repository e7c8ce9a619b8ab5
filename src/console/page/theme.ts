import { createTheme, type MenuProps, type ModalProps } from "@mantine/core";

// By their types only: the first view needs no dialog, and the theme would bring its script.
const modal: Partial<ModalProps> = {
  // Locking the scroll writes a style element, which the page's Content-Security-Policy refuses.
  lockScroll: false,
  centered: true,
};
const menu: Partial<MenuProps> = {
  // The placeholder takes the focus but has no role that a menu may contain.
  withInitialFocusPlaceholder: false,
};

export const theme = createTheme({
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: modal },
    Menu: { defaultProps: menu },
  },
});
