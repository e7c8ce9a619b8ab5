/** So many pictures of a person are counted for a list, so that it takes the same time however many there are. */
export const countedPictures = 100;

/** The number of a person's pictures in a list. */
export const picturesText = (pictures: number): string =>
  pictures < countedPictures ? String(pictures) : `${countedPictures}+`;
