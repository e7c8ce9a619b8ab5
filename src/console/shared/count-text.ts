/** So many pictures of a person are counted for a list, so that it takes the same time however many there are. */
export const countedPictures = 100;

/** A number that is counted up to `most`: `100+`. */
export const countText = (count: number, most: number): string =>
  count < most ? String(count) : `${most.toLocaleString("en")}+`;
