/** What one message about an interface costs, from the kernel's socket to the comparison: `node test/bench/link-changes.bench.ts`. */
import { createEventNetwork } from "#receiver/tracing/event-network.ts";
import { InterfaceTable } from "#events/netdev_link/interface-table.ts";

const ROUNDS = 200;
const fail = (error: unknown): never => {
  throw error;
};
const eventNetwork = createEventNetwork({
  guard: (act) => {
    act();
  },
  onFailed: fail,
  onDriverError: (_name, _errorName, error) => fail(error),
});
const table = new InterfaceTable({ network: eventNetwork, isWanted: () => false });
let messages = 0;
let rounds = 0;
const before = process.cpuUsage();
await new Promise<void>((resolve) => {
  const watch = eventNetwork.watchLinks({
    onLink: (link) => {
      messages++;
      table.take(link);
    },
    onGone: () => {},
    onSynchronized: () => {
      rounds++;
      if (rounds < ROUNDS) watch.refresh();
      else {
        watch[Symbol.dispose]();
        resolve();
      }
    },
  });
});
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  `${messages} messages: ${((user + system) / messages).toFixed(1)} µs of CPU each, kernel included\n`,
);
