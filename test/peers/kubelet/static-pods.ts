/** Pods of every kind that a list of the kubelet has to tell apart, as manifests of static pods. */
import { IMAGE_NAME, IMAGE_TAG } from "../../provoke/busybox-image.ts";

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly [key: string]: unknown;
}

const forever = ["/bin/sleep", "1000000"];
/** Fails when it runs for the first time. */
const failsOnce = "[ -e /state/ran ] && exec sleep 1000000; echo > /state/ran; exit 1";

const container = (more: Container): object => ({
  image: `${IMAGE_NAME}:${IMAGE_TAG}`,
  imagePullPolicy: "Never",
  ...more,
});

const pod = (name: string, namespace: string, spec: Readonly<Record<string, unknown>>): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels: { app: name } },
  spec,
});

export const staticPods: readonly object[] = [
  pod("web", "shop", {
    initContainers: [container({ name: "migrate", command: ["/bin/true"] })],
    containers: [
      container({ name: "web", command: forever }),
      container({ name: "worker", command: ["/bin/sh", "-c", "exit 3"] }),
      container({
        name: "cache",
        command: ["/bin/sh", "-c", failsOnce],
        volumeMounts: [{ name: "state", mountPath: "/state" }],
      }),
    ],
    volumes: [{ name: "state", emptyDir: {} }],
  }),
  pod("node-exporter", "monitoring", {
    hostNetwork: true,
    containers: [container({ name: "exporter", command: forever })],
  }),
  pod("report", "shop", {
    restartPolicy: "Never",
    containers: [container({ name: "report", command: ["/bin/true"] })],
  }),
  pod("hog", "shop", {
    containers: [
      container({
        name: "hog",
        command: ["/bin/tail", "/dev/zero"],
        resources: { limits: { memory: "32Mi", cpu: "100m" } },
      }),
    ],
  }),
  pod("pending", "shop", {
    initContainers: [container({ name: "wait", command: forever })],
    containers: [container({ name: "app", command: forever })],
  }),
];
