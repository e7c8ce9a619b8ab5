import { describe, expect, it } from "vitest";
import { isSecretName, masked, maskedValue } from "../../../src/lib/shared/masked.ts";
import { conceal, redact } from "../../../src/lib/shared/redact.ts";

describe("masked", () => {
  it.each([
    "token",
    "delete_token",
    "deleteToken",
    "DELETE-TOKEN",
    "next.page.token",
    "api_secret",
    "clientSecret",
    "signature",
    "X-Cld-Signature",
    "password",
    "userPassword",
    "Authorization",
    "aws_secret_access_key",
  ])("hides what stands under %s", (name) => {
    expect(masked(JSON.stringify({ before: 1, [name]: "Zx81-Zx81", after: [2] }))).toBe(
      JSON.stringify({ before: 1, [name]: "[masked]", after: [2] }),
    );
    expect(maskedValue({ deep: [{ [name]: "Zx81-Zx81" }] })).toEqual({ deep: [{ [name]: "[masked]" }] });
  });

  it.each(["api_key", "signature_key", "public_id", "tokens_left", "secret_name", "etag", "access_type"])(
    "shows what stands under %s",
    (name) => {
      expect(isSecretName(name)).toBe(false);
      expect(masked(JSON.stringify({ [name]: "Zx81-Zx81" }))).toContain("Zx81-Zx81");
    },
  );

  it.each([
    ["a number", '{"token": 123456, "a": 1}', '{"token": "[masked]", "a": 1}'],
    [
      "an object with all in it",
      '{"token":{"value":"Zx81","of":["Zx81","}"]},"a":1}',
      '{"token":"[masked]","a":1}',
    ],
    ["a name spelled with escapes", '{"signatur\\u0065":"Zx81"}', '{"signatur\\u0065":"[masked]"}'],
    ["a value with an escaped quote", '{"token":"Zx\\"81","a":1}', '{"token":"[masked]","a":1}'],
    ["nothing, which is no secret", '{"token":null,"signature":""}', '{"token":null,"signature":""}'],
    ["text that was cut within the value", '{"a":1,"token":"Zx81', '{"a":1,"token":"[masked]"'],
    ["JSON in a text", JSON.stringify({ a: '{"token":"Zx81"}' }), '{"a":"{\\"token\\":\\"[masked]\\"}"}'],
  ])("hides %s", (_what, text, shown) => {
    expect(masked(text)).toBe(shown);
  });

  it.each([
    ["https://e.com/a.jpg?__cld_token__=exp=1~hmac=00ff", "https://e.com/a.jpg?__cld_token__=[masked]"],
    ["https://e.com/a?x=1&token=Zx81&y=2", "https://e.com/a?x=1&token=[masked]&y=2"],
    [
      "https://e.com/a?X-Amz-Signature=Zx81&X-Amz-Date=1",
      "https://e.com/a?X-Amz-Signature=[masked]&X-Amz-Date=1",
    ],
    ["https://e.com/a?sv=1&sig=Zx81", "https://e.com/a?sv=1&sig=[masked]"],
    ["https://e.com/#access_token=Zx81", "https://e.com/#access_token=[masked]"],
    ["https://ada:Zx81@e.com/a", "https://ada:[secret]@e.com/a"],
    ["cloudinary://1234:Zx81@demo", "cloudinary://1234:[secret]@demo"],
    ["Authorization was Bearer Zx81Zx81Zx81", "Authorization was Bearer [masked]"],
    ["by ada.lovelace@example.com", "by a…@example.com"],
  ])("hides by shape: %s", (text, shown) => {
    expect(masked(text)).toBe(shown);
  });

  it("shows a delivery URL with its public signature, and an API key", () => {
    const url = "https://res.cloudinary.com/demo/image/upload/s--AbCd1234--/w_100/v1/a.jpg?api_key=1234";
    expect(masked(url)).toBe(url);
  });

  it.each([
    ["quotes", '"'.repeat(200_000)],
    ["backslashes", "\\".repeat(200_000)],
    ["open brackets after a name", `{"token":${"[".repeat(200_000)}`],
    ["letters", "a".repeat(200_000)],
    ["names", '"token":'.repeat(100_000)],
    ["parameters", "?token".repeat(100_000)],
    ["tokens that are none", "eyJ-".repeat(50_000)],
  ])("takes time by the length of a text of many %s", (_what, text) => {
    const startedAt = performance.now();
    masked(text);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

describe("redact", () => {
  const secret = "kQ7-vT2_mX9zRb4";
  conceal(secret);

  it("blanks a secret wherever it stands", () => {
    expect(redact(`a ${secret} b ${secret}`)).toBe("a [secret] b [secret]");
  });

  it("blanks the beginning of a secret where a text was cut, at every length", () => {
    for (let length = 4; length < secret.length; length += 1)
      for (const end of ["", "…", "...", '"', "'}", " …"])
        expect(redact(`the answer was ${secret.slice(0, length)}${end}`)).toBe(
          `the answer was [secret]${end}`,
        );
  });

  it("leaves what only looks a little like it", () => {
    expect(redact("the answer was kQ7")).toBe("the answer was kQ7");
    expect(redact("kQ7-vT2 stands in the middle")).toBe("kQ7-vT2 stands in the middle");
  });
});
