import assert from "node:assert/strict";
import { test } from "node:test";
import { compileText } from "./compile-text.ts";
import { describeRecords } from "./describe-records.ts";

const refusals: readonly [fields: string, message: string][] = [
  [
    "__u64 plain;",
    "bad_record.plain is an integer of 64 bits that says no more: declare it as one of nanoseconds,",
  ],
  ["__s64 balance;", "bad_record.balance is an integer of 64 bits"],
  ["__be64 cookie;", "bad_record.cookie is an integer of 64 bits"],
  ["void *pointer;", "bad_record.pointer is a ptr"],
  ["__u32 flags : 3; __u32 rest : 29;", "bad_record.flags is a bit field"],
  ["union { __u32 a; __u8 b; } either; __u32 rest;", "bad_record.either is a union"],
  ["union { __u32 a; __u8 b; }; __u32 rest;", "bad_record has an anonymous member"],
  ["__u32 count; __u8 _pad[4]; __u32 list[];", "bad_record.list is an array without a length"],
  [
    "__u8 kind; nanoseconds time __attribute__((packed));",
    "bad_record.time is misaligned: a record is not packed.",
  ],
  [
    "struct inner_part { nanoseconds time; __u8 kind; } __attribute__((packed)) inner; __u8 rest[7];",
    "struct inner_part has 9 bytes: a record is not packed.",
  ],
  [
    "struct { __u32 number; } inner; __u32 rest;",
    "bad_record.inner is a struct without a name: give it one.",
  ],
  [
    "__u8 kind; __u32 number;",
    "3 bytes before bad_record.number have no name: declare them as __u8 _pad[3].",
  ],
  ["__u32 number; __u8 kind;", "3 bytes at the end of bad_record have no name"],
  [
    "__u32 some_field; __u32 some__field;",
    "bad_record.some__field would be called someField, as some_field is.",
  ],
  ["enum { A_ONE, A_TWO } choice; __u32 rest;", "bad_record.choice is an enum without a name"],
  ["enum huge { HUGE_ONE = 1ull << 40 } choice;", "bad_record.choice is an enum of 8 bytes"],
  [
    "enum twice { A_ONE, A_one } choice; __u32 rest;",
    "bad_record.choice: two constants of enum twice would be called one.",
  ],
  ["__u32 list[65]; __u32 rest;", "bad_record.list has 65 elements: at most 64."],
  ["float share; __u32 rest;", "bad_record.share is a float"],
  ["struct inner_part { void *pointer; } inner;", "inner_part.pointer is a ptr"],
];

for (const [fields, message] of refusals) {
  test(`refuses "${fields}" and names the field`, async () => {
    const btf = await compileText(`
      #include <linux/types.h>
      #include "event.h"
      struct bad_record { record_kind record_kind; ${fields} };
      EVENT(bad_record);`);
    assert.throws(
      () => describeRecords(btf),
      (error: Error) => error.message.includes(message) || assert.fail(error.message),
    );
  });
}

for (const [where, fields] of [
  ["last", "nanoseconds time; record_kind record_kind;"],
  ["as another type", "opaque_id record_kind;"],
  ["not", "nanoseconds time;"],
  ["inside of a struct", "struct inner_part { record_kind record_kind; } inner;"],
]) {
  test(`refuses a record that has its kind ${where}`, async () => {
    const btf = await compileText(`
      #include "event.h"
      struct bad_record { ${fields} };
      EVENT(bad_record);`);
    assert.throws(() => describeRecords(btf), /bad_record does not begin with its kind/);
  });
}

test("the kind is the framework's: it is no field of the record", async () => {
  const btf = await compileText(`
    #include "event.h"
    struct good_record { record_kind record_kind; nanoseconds time; };
    EVENT(good_record);`);
  assert.deepEqual(
    describeRecords(btf).map(({ name, sizeBytes, fields }) => [
      name,
      sizeBytes,
      fields.map(({ offset }) => offset),
    ]),
    [["good_record", 16, [8]]],
  );
});

test("an object without EVENT() has no records", async () => {
  assert.deepEqual(describeRecords(await compileText("int number = 1;")), []);
});

test("a typedef of a typedef keeps the meaning", async () => {
  const btf = await compileText(`
    #include <linux/types.h>
    #include "event.h"
    typedef nanoseconds latency;
    struct good_record { record_kind record_kind; const latency waited; };
    EVENT(good_record);`);
  const [record] = describeRecords(btf);
  const [field] = record?.fields ?? [];
  assert.ok(field?.value.kind === "meaning");
  assert.equal(field.value.meaning.type, "number");
});

test("a single constant loses the name of its enum, several lose the words they share", async () => {
  const btf = await compileText(
    `
    #include "event.h"
    enum drop_cause { DROP_CAUSE_LIMIT };
    enum link_state { LINK_UP, LINK_UP_SLOW };
    struct good_record { record_kind record_kind; enum drop_cause cause; enum link_state state; };
    EVENT(good_record);`,
  );
  const labels = describeRecords(btf)[0]?.fields.map(({ value }) =>
    value.kind === "enum" ? value.labels.labels.map(([, label]) => label) : [],
  );
  assert.deepEqual(labels, [["limit"], ["up", "up_slow"]]);
});
