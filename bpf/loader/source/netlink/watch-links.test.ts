/** The watch against a kernel that behaves badly, which the real one does only now and then. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { NetlinkMessage } from "./message.ts";
import type { RouteNetlinkOptions } from "./route-netlink.ts";
import { watchLinks } from "./watch-links.ts";
import type { LinkWatch } from "./watch-links.ts";

const [NLMSG_ERROR, NLMSG_DONE, RTM_NEWLINK, RTM_DELLINK] = [2, 3, 16, 17];
const NLM_F_DUMP_INTR = 0x10;

interface Watched {
  readonly watch: LinkWatch;
  readonly said: string[];
  /** How many dumps were asked for. */
  readonly asked: () => number;
  readonly tell: (type: number, index?: number, message?: Partial<NetlinkMessage>) => void;
  readonly overrun: () => void;
}

function start(): Watched {
  const said: string[] = [];
  let asked = 0;
  let options: RouteNetlinkOptions | undefined;
  const watch = watchLinks(
    {
      onLink: ({ index }) => said.push(`link ${index}`),
      onGone: (index) => said.push(`gone ${index}`),
      onSynchronized: () => said.push("synchronized"),
      onOverrun: () => said.push("overrun"),
    },
    {
      open: (given) => {
        options = given;
        return { send: () => void asked++, [Symbol.dispose]: () => said.push("closed") };
      },
    },
  );
  const tell: Watched["tell"] = (type, index = 0, message = {}) => {
    const payload = new Uint8Array(16);
    new DataView(payload.buffer).setInt32(4, index, true);
    options?.onMessage({ type, flags: 0, sequence: asked, payload, ...message });
  };
  return { watch, said, asked: () => asked, tell, overrun: () => options?.onOverrun() };
}

describe("a watch of links", () => {
  test("hands over an error of its socket, and is closed by then", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const said: string[] = [];
    let sends = 0;
    watchLinks(
      {
        onLink: () => {},
        onGone: () => {},
        onFailed: (error) => said.push(String(error)),
      },
      {
        open: () => ({
          send: () => {
            sends += 1;
            if (sends > 1) throw new Error("ENOBUFS");
          },
          [Symbol.dispose]: () => said.push("closed"),
        }),
      },
    );
    // The end of the dump never comes.
    context.mock.timers.tick(10_000);
    assert.deepEqual(said, ["closed", "Error: ENOBUFS"]);
  });

  test("closes its socket where the first question cannot be sent", () => {
    const said: string[] = [];
    const open = (): Disposable & { send(): void } => ({
      send: () => {
        throw new Error("ENOBUFS");
      },
      [Symbol.dispose]: () => said.push("closed"),
    });
    assert.throws(() => watchLinks({ onLink: () => {}, onGone: () => {} }, { open }), /ENOBUFS/);
    assert.deepEqual(said, ["closed"]);
  });

  test("tells all links, then that these were all, then what changes", () => {
    const { said, tell } = start();
    tell(RTM_NEWLINK, 1);
    tell(RTM_NEWLINK, 2);
    tell(NLMSG_DONE);
    tell(RTM_NEWLINK, 3, { sequence: 0 });
    tell(RTM_DELLINK, 2, { sequence: 0 });
    tell(RTM_DELLINK, 2, { sequence: 0 });
    assert.deepEqual(said, ["link 1", "link 2", "synchronized", "link 3", "gone 2"]);
  });

  test("after an overrun asks again, and finds what went meanwhile", () => {
    const { said, asked, tell, overrun } = start();
    tell(RTM_NEWLINK, 1);
    tell(RTM_NEWLINK, 2);
    tell(NLMSG_DONE);
    overrun();
    assert.equal(asked(), 2);
    // The end of the dump before is no end of this one.
    tell(NLMSG_DONE, 0, { sequence: 1 });
    tell(RTM_NEWLINK, 2);
    tell(NLMSG_DONE);
    assert.deepEqual(said.slice(3), ["overrun", "link 2", "gone 1", "synchronized"]);
  });

  test("a link that appears during a dump is not taken for gone", () => {
    const { said, tell, watch } = start();
    tell(NLMSG_DONE);
    watch.refresh();
    tell(RTM_NEWLINK, 5, { sequence: 0 });
    tell(NLMSG_DONE);
    assert.deepEqual(said, ["synchronized", "link 5", "synchronized"]);
  });

  test("a dump that the kernel calls interrupted is done again before anything is taken for gone", () => {
    const { said, asked, tell } = start();
    tell(RTM_NEWLINK, 1, { flags: NLM_F_DUMP_INTR });
    tell(NLMSG_DONE);
    assert.equal(asked(), 2);
    assert.deepEqual(said, ["link 1"]);
    tell(RTM_NEWLINK, 1);
    tell(NLMSG_DONE);
    assert.deepEqual(said, ["link 1", "link 1", "synchronized"]);
  });

  test("a refresh during a dump follows after it", () => {
    const { asked, tell, watch } = start();
    watch.refresh();
    watch.refresh();
    assert.equal(asked(), 1);
    tell(NLMSG_DONE);
    assert.equal(asked(), 2);
  });

  test("a dump that is refused, or whose end is lost, is asked for again after some silence", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const { asked, tell } = start();
    const busy = new Uint8Array(new Int32Array([-16]).buffer);
    tell(NLMSG_ERROR, 0, { payload: busy });
    assert.equal(asked(), 1);
    context.mock.timers.tick(250);
    assert.equal(asked(), 2);
    tell(NLMSG_DONE);
    context.mock.timers.tick(1000);
    assert.equal(asked(), 2);
  });

  test("closes its socket", () => {
    const { said, watch } = start();
    watch[Symbol.dispose]();
    assert.deepEqual(said, ["closed"]);
  });
});
