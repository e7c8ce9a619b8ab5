import { describe, expect, it } from "vitest";
import { masked, maskedValue } from "../../../src/lib/shared/masked.ts";
import { conceal, redact } from "../../../src/lib/shared/redact.ts";
import { isSecretName } from "../../../src/lib/shared/secret-names.ts";

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
    "signatures",
    "signature_v2",
    "X-Cld-Signature_v2",
    "token_value",
    "auth",
    "bearer",
    "jwt",
    "idJWT",
    "session_id",
    "sessionId",
    "pwd",
    "userPwd",
    "otp",
    "otp_code",
    "auth_code",
  ])("hides what stands under %s", (name) => {
    expect(masked(JSON.stringify({ before: 1, [name]: "Zx81-Zx81", after: [2] }))).toBe(
      JSON.stringify({ before: 1, [name]: "[masked]", after: [2] }),
    );
    expect(maskedValue({ deep: [{ [name]: "Zx81-Zx81" }] })).toEqual({ deep: [{ [name]: "[masked]" }] });
  });

  it.each([
    "api_key",
    "signature_key",
    "public_id",
    "tokens_left",
    "token_count",
    "token_type",
    "secret_name",
    "secret_santa",
    "etag",
    "access_type",
    "auth_scheme",
    "author",
    "authors",
    "sku",
    "signature_length",
    "option",
    "laptop",
    "residue",
  ])("shows what stands under %s", (name) => {
    expect(isSecretName(name)).toBe(false);
    expect(masked(JSON.stringify({ [name]: "Zx81-Zx81" }))).toContain("Zx81-Zx81");
  });

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
    ["a name with an escape within", '{"tok\\u0065n":"Zx81"}', '{"tok\\u0065n":"[masked]"}'],
    ["an address with an escaped @", '{"a":"ada\\u0040example.com"}', '{"a":"a…@example.com"}'],
    ["an escaped parameter", '{"a":"e.com?tok\\u0065n\\u003dZx81"}', '{"a":"e.com?token=[masked]"}'],
    ["an escaped address that was cut", '{"a":"ada\\u0040example.com and mo', '{"a":"a…@example.com and mo"'],
    [
      "the value of a pair, before and after its name",
      '[{"name":"token","value":"Zx81","a":1}, {"value": {"b":["Zx81"]} , "name": "otp"}]',
      '[{"name":"token","value":"[masked]","a":1}, {"value": "[masked]" , "name": "otp"}]',
    ],
    [
      "the values of a changed pair",
      '{"name":"pwd","new_value":7,"previous_value":"x"}',
      '{"name":"pwd","new_value":"[masked]","previous_value":"[masked]"}',
    ],
    ["the value of a pair that was cut", '{"name":"token","value":"Zx', '{"name":"token","value":"[masked]"'],
    ["no pair of another name", '{"name":"sku","value":"token"}', '{"name":"sku","value":"token"}'],
    ["yes and no, which are no secrets", '{"auth":true,"token":false}', '{"auth":true,"token":false}'],
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
    ["https://e.com/people%2Fada%40example.com.jpg", "https://e.com/people%2Fa…%40example.com.jpg"],
    ["by jörg.müller@exämple.de", "by j…@exämple.de"],
    ["by 用户@例子.公司", "by 用…@例子.公司"],
    ["by ada@xn--exmple-cua.de", "by a…@xn--exmple-cua.de"],
    ["authorization was bearer Zx81Zx81Zx81", "authorization was bearer [masked]"],
    ["Authorization: Basic YWRhOlp4ODE=", "Authorization: Basic [masked]"],
    ["authorization=bearer%20Zx81Zx81Zx81", "authorization=[masked]"],
    ["sku=1|token=Zx81|alt=a", "sku=1|token=[masked]|alt=a"],
    ["token=Zx81|sku=1", "token=[masked]|sku=1"],
    ["token=Zx\\|81|sku=1", "token=[masked]|sku=1"],
    ["token=Zx81,secret=Zx81,sku=1", "token=[masked],secret=[masked],sku=1"],
    ["the token: Zx81Zx81 was wrong", "the token: [masked] was wrong"],
    [
      "e.com/?to=https%3A%2F%2Fe.com%2F%3Ftoken%3DZx81%26sku%3D1",
      "e.com/?to=https%3A%2F%2Fe.com%2F%3Ftoken%3D[masked]%26sku%3D1",
    ],
  ])("hides by shape: %s", (text, shown) => {
    expect(masked(text)).toBe(shown);
  });

  it("masks the value of a pair, and only the secret in a text", () => {
    expect(
      maskedValue([
        { name: "token", value: "Zx81" },
        { name: "sku", value: "Zx81" },
      ]),
    ).toEqual([
      { name: "token", value: "[masked]" },
      { name: "sku", value: "Zx81" },
    ]);
    expect(maskedValue({ context: "token=x|sku=1" })).toEqual({ context: "token=[masked]|sku=1" });
    expect(maskedValue({ "ada@example.com": 1 })).toEqual({ "a…@example.com": 1 });
  });

  it.each([
    '{"token_count": 3, "secret_santa": "Noor", "tags": ["secret_santa", "author"], "author": "Ada Lovelace"}',
    "sku=VASE-1|author=Ada Lovelace|token_count=3",
    "Basic information about the bearer certificate",
    "the password: must have digits",
    "brand/logo@2x.png and brand/logo@1.5x.png",
    "react@18.2.0",
    '{"alt": "A \\"token\\" of love \\u2014 und ein Gru\\u00df"}',
    "https://e.com/a?api_key=1234&key_frames=3&signed=1",
    "products/SG.100200300/main",
  ])("leaves readable: %s", (text) => {
    expect(masked(text)).toBe(text);
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
    ["pairs within pairs", '{"name":"token","value":'.repeat(20_000)],
    ["escapes of escapes", `"${"\\u005c".repeat(30_000)}"`],
    ["at signs", "a@".repeat(100_000)],
    ["labels", `a@${"a.".repeat(100_000)}`],
    ["percent signs", "%3D".repeat(70_000)],
    ["commas", `token=${",".repeat(200_000)}`],
    ["spaces", `bearer${" ".repeat(200_000)}`],
    ["tokens that are none", "eyJ-".repeat(50_000)],
  ])("takes time by the length of a text of many %s", (_what, text) => {
    // Of the processor, not by the clock: the machine may do much else.
    const before = process.cpuUsage();
    masked(text);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(3_000);
  });
});

describe("redact", () => {
  const secret = "kQ7-vT2_mX9zRb4";
  conceal(secret);

  it("removes a secret in every position", () => {
    expect(redact(`a ${secret} b ${secret}`)).toBe("a [secret] b [secret]");
  });

  it("removes the start of a secret of any length at the end of truncated text", () => {
    for (let length = 4; length < secret.length; length += 1)
      for (const end of ["", "…", "...", '"', "'}", " …"])
        expect(redact(`the answer was ${secret.slice(0, length)}${end}`)).toBe(
          `the answer was [secret]${end}`,
        );
  });

  it("keeps text that only resembles a secret", () => {
    expect(redact("the answer was kQ7")).toBe("the answer was kQ7");
    expect(redact("kQ7-vT2 stands in the middle")).toBe("kQ7-vT2 stands in the middle");
  });
});
