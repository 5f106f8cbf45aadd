import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openObject } from "../source/index.ts";
import { fixture, live, load } from "./fixture.ts";

const sharing = fixture("sharing");

describe("a map that two objects share", live, () => {
  test("is one map: what a program of one writes, the other reads", () => {
    using owner = load("maps");
    const shared = owner.map("by_number");
    using other = openObject(sharing, { maps: { by_number: shared } }).load();
    const context = new Uint8Array(8);
    context[0] = 7;
    assert.equal(other.program("put").run({ context }).returnValue, 0);
    assert.equal(shared.lookup(7n), 42);
    shared.update(8n, 1);
    assert.equal(other.map("by_number").lookup(8n), 1);
    assert.equal(other.map("by_number").capacity, shared.capacity, "the capacity is the owner's");
  });

  test("lives on when the object that created it is closed", () => {
    const owner = load("maps");
    owner.map("by_number").update(1n, 5);
    using other = openObject(sharing, { maps: { by_number: owner.map("by_number") } }).load();
    owner.close();
    assert.equal(other.map("by_number").lookup(1n), 5);
  });

  test("is not the own one of an object that shares nothing", () => {
    using owner = load("maps");
    owner.map("by_number").update(1n, 5);
    using other = openObject(sharing).load();
    assert.equal(other.map("by_number").lookup(1n), undefined);
  });

  test("is refused where it is unlike the own one, or not there", () => {
    using owner = load("maps");
    using other = openObject(sharing);
    assert.deepEqual(other.maps, ["by_number", "array"]);
    const code = "BPF_ARGUMENT_INVALID";
    assert.throws(() => other.shareMap("array", owner.map("array")), {
      code,
      message: "Map array cannot be shared: its valueSizeBytes is 4 here and 8 there.",
    });
    assert.throws(() => other.shareMap("array", owner.map("by_number")), {
      code,
      message: /its name is array here/,
    });
    assert.throws(() => other.shareMap("array", {} as never), {
      code,
      message: /must be a map of a loaded object/,
    });
    assert.throws(() => other.shareMap("nope", owner.map("array")), {
      code: "BPF_NOT_FOUND",
      message: /by_number/,
    });
  });

  test("is refused once its object is closed", () => {
    const owner = load("maps");
    const shared = owner.map("by_number");
    owner.close();
    assert.throws(() => openObject(sharing, { maps: { by_number: shared } }), { code: "BPF_CLOSED" });
  });
});
