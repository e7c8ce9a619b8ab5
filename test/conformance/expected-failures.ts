export interface ExpectedFailure {
  /** A part of the test's full title. */
  test: string;
  /**
   * `outside`: it is about something that the local Cloudinary leaves out; `internet`: it needs a file on the internet;
   * `checkout`: it needs a large file that some copies of the repository lack.
   */
  because: "outside" | "internet" | "checkout";
  why: string;
  /** False where it depends on the copy of the repository whether the test fails. */
  always?: false;
}

const internet = "the local Cloudinary fetches files from this machine only";
const transformations = "named and listed transformations are not emulated; a receiver sees URLs";
const analysis = "analysis of pictures is not emulated; the call answers 501 instead of inventing a result";

export const expectedFailures: readonly ExpectedFailure[] = [
  { test: "api resources should send `accessibility_analysis` param", because: "outside", why: analysis },
  { test: "uploader should pass `accessibility_analysis` option", because: "outside", why: analysis },
  { test: "uploader should support requesting analysis", because: "outside", why: analysis },
  { test: "api transformations should allow", because: "outside", why: transformations },
  {
    test: "api transformations Named Transformations should allow",
    because: "outside",
    why: transformations,
  },
  {
    test: "api upload_preset should allow creating upload_presets",
    because: "outside",
    why: "the preset names eval, and scripts in parameters are not run",
  },
  {
    test: "uploader should add the eval parameter to an uploaded asset",
    because: "outside",
    why: "scripts in parameters are not run",
  },
  {
    test: "api mapping should create mapping",
    because: "outside",
    why: "upload mappings (assets fetched from other hosts by their public id) are not emulated",
  },
  {
    test: "uploader text images should successfully generate text image",
    because: "outside",
    why: "pictures made of text are not emulated",
  },
  { test: 'archive "before all" hook', because: "internet", why: internet },
  { test: "uploader should successfully upload url", because: "internet", why: internet },
  { test: "uploader should successfully override original_filename", because: "internet", why: internet },
  {
    test: "uploader should allow uploading with parameters containing &",
    because: "internet",
    why: internet,
  },
  {
    test: "uploader should allow upload with url safe base64 in overlay",
    because: "internet",
    why: internet,
  },
  {
    test: "uploader upload_chunked should specify chunk size",
    because: "checkout",
    why: "it knows the checksum of TheCompleteWorksOfShakespeare.mobi",
    always: false,
  },
  {
    test: "uploader upload_chunked should support uploading large video files",
    because: "checkout",
    why: "it knows the checksum of CloudBookStudy-HD.mp4",
    always: false,
  },
];
