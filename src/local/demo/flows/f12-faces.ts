import type { Flow } from "../flow.ts";

export const faces: Flow = {
  id: "F12",
  title: "Face recognition",
  play: "not yet: face recognition is not built",
};
