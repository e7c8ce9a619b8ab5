import { describe, expect, it } from "vitest";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { bytesOf, fixtureBytes, parsed, parsedAs } from "./fixtures.ts";

const text = (body: Uint8Array) => Buffer.from(body).toString("utf8");

describe("malicious and unusual JSON", () => {
  it("X3 uses the last of duplicate keys", () => {
    const body = text(fixtureBytes("multi")).replace('"public_id"', '"public_id": "first", "public_id"');
    expect(body).toContain('"first"');
    expect(parsed(Buffer.from(body)).assets[0]?.public_id).toBe("walk");
  });

  it("X4 keeps `__proto__` keys as data, at every depth, and pollutes nothing", () => {
    const poison =
      '"__proto__": {"polluted": true, "version": 5}, "constructor": {"prototype": {"polluted": true}}';
    const body = text(fixtureBytes("upload"))
      .replace('"custom": {', '"custom": { "__proto__": "in context", "constructor": "too",')
      .replace('"metadata": {', '"metadata": { "__proto__": "in metadata",')
      .replace("{", `{ ${poison},`);
    const notification = parsedAs("upload", Buffer.from(body));
    const [asset] = notification.assets;
    expect(Object.entries(asset?.context ?? {})).toContainEqual(["__proto__", "in context"]);
    expect(Object.entries(asset?.context ?? {})).toContainEqual(["constructor", "too"]);
    expect(Object.entries(asset?.metadata ?? {})).toContainEqual(["__proto__", "in metadata"]);
    expect(Object.keys(notification.body)).toContain("__proto__");
    expect(asset?.version).toBe(1772619630);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(Reflect.get(notification, "polluted")).toBeUndefined();
  });

  it("X4 reads an asset whose public id is `__proto__`", () => {
    const { assets } = parsed(fixtureBytes("delete.as-object"));
    expect(assets.map((asset) => [asset.public_id, asset.version])).toEqual([
      ["hats/straw", 1580702705],
      ["__proto__", 1580702706],
    ]);
  });

  it("X4 validates the value of `__proto__` like any other asset", () => {
    const body = text(fixtureBytes("delete.as-object")).replace("1580702706", '"soon"');
    expect(parse(Buffer.from(body), null)).toMatchObject({
      ok: false,
      issues: [{ path: "resources.__proto__.version" }],
    });
  });

  it.each([5_000, 500_000])("X5 accepts arrays nested %i deep in any position", (depth) => {
    const deep = "[".repeat(depth) + "]".repeat(depth);
    const spots: [string, string, string][] = [
      ["upload", '"api_key"', `"deep": ${deep}, "api_key"`],
      ["upload", '"alt": "A quilted jacket"', `"alt": ${deep}`],
      ["upload", '"sku": "AB-100"', `"sku": ${deep}`],
      ["analyze", '"task_id"', `"limits": ${deep}, "task_id"`],
      ["custom", '"team"', `"deep": ${deep}, "team"`],
    ];
    for (const [name, from, to] of spots) {
      const body = text(fixtureBytes(name)).replace(from, to);
      expect(body).toContain(deep);
      expect(parsed(Buffer.from(body)).type).toBe(name);
    }
    const wrong = `{"notification_type":"delete","resources":[${deep}],"big":12345678901234567890}`;
    expect(parse(Buffer.from(wrong), null)).toMatchObject({ ok: false, issues: [{ path: "resources[0]" }] });
  });

  it("X6 rejects a version and a size that JavaScript would round, with their paths", () => {
    const rounded = text(fixtureBytes("upload")).replace('"bytes": 348211', '"bytes": 9007199254740993');
    expect(parse(Buffer.from(rounded), null)).toMatchObject({ ok: false, issues: [{ path: "bytes" }] });
    const version = text(fixtureBytes("upload")).replace(
      '"version": 1772619630',
      '"version": 12345678901234567890',
    );
    expect(parse(Buffer.from(version), null)).toMatchObject({ ok: false, issues: [{ path: "version" }] });
    const infinite = text(fixtureBytes("upload")).replace('"version": 1772619630', '"version": 1e400');
    expect(parse(Buffer.from(infinite), null)).toMatchObject({ ok: false, issues: [{ path: "version" }] });
  });

  it("X6 keeps the digits of a number beyond 2^53 in free data as text", () => {
    const body = text(fixtureBytes("upload"))
      .replace(
        '"sku": "AB-100"',
        '"sku": 12345678901234567890, "negative": -9007199254740993, "list": [9007199254740993]',
      )
      .replace('"caption": "Front"', '"caption": "\\"9007199254740993\\\\", "ean": 4006381333931');
    const { assets } = parsedAs("upload", Buffer.from(body));
    expect(Object.entries(assets[0]?.metadata ?? {})).toEqual([
      ["sku", "12345678901234567890"],
      ["negative", "-9007199254740993"],
      ["list", ["9007199254740993"]],
      ["season", ["aw26"]],
    ]);
    expect(assets[0]?.context?.caption).toBe('"9007199254740993\\');
    expect(assets[0]?.context?.ean).toBe("4006381333931");
  });

  it("X6 finds the smallest rounded number in every position", () => {
    for (let offset = 0; offset < 40; offset++) {
      const body = `{"x":"${"y".repeat(offset)}","n":9007199254740993}`;
      expect(parsed(Buffer.from(body))).toMatchObject({ body: { n: "9007199254740993" } });
    }
  });

  it("X6 does not change exact numbers with any number of digits", () => {
    const { info } = parsedAs("info", fixtureBytes("info"));
    expect(info).toMatchObject({ confidence: 0.9137512847361527 });
    const body = {
      notification_type: "all",
      largest: 9007199254740991,
      hash: "1234567890123456",
      tiny: 0.12345678901234566,
    };
    expect(parsed(bytesOf(body))).toMatchObject({ body });
  });

  it("X7 keeps lone surrogates, line separators, direction marks and markup unchanged", () => {
    const odd = "a\ud800b\u2028c\u202ed<script>alert(1)</script>\r\nBcc: x";
    const body = JSON.stringify({
      notification_type: "multi",
      public_id: odd,
      url: "https://example.com/\udfff",
    });
    expect(body).toContain("\\ud800");
    expect(parsed(Buffer.from(body)).assets[0]?.public_id).toBe(odd);
  });

  it.each(["/", "%2F", "|", "=", "\\", "a=b|", "v1/", '"'])(
    "survives two million characters of %s wherever text stands",
    (piece) => {
      const long = piece.repeat(2_000_000 / piece.length);
      const url = `https://res.cloudinary.com/orchard/image/upload/${long}`;
      const bodies = [
        { notification_type: "multi", public_id: long, secure_url: url },
        { notification_type: "eager", public_id: "deer", eager: [{ transformation: long, secure_url: url }] },
        { notification_type: "generate_archive", public_id: "deer", context: long },
        {
          notification_type: "moderation",
          public_id: "deer",
          moderation_kind: long,
          moderation_status: long,
        },
        { notification_type: "delete", resources: { [long]: {} } },
      ];
      for (const body of bodies) {
        const notification = parsed(bytesOf(body));
        expect(notification.type).toBe(body.notification_type);
        if (notification.type === "eager")
          expect(notification.derived).toMatchObject([{ kind: "ready", parts: null }]);
      }
    },
  );
});
