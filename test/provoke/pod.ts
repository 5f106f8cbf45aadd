/** Pods as a kubelet would have them made, over CRI. */
import { randomUUID } from "node:crypto";
import type { GrpcChannel } from "#receiver/containers/sources/grpc-channel.ts";
import { IMAGE_NAME, IMAGE_TAG } from "./busybox-image.ts";

const RUNTIME = "/runtime.v1.RuntimeService/";
const NODE_NETWORK = 2;

export interface PodOptions {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Shares the node's network namespace. */
  readonly hostNetwork?: boolean;
  readonly cgroupParent: string;
}

export interface PodContainer {
  readonly name: string;
  readonly command: readonly string[];
  readonly memoryLimitBytes?: number;
  readonly attempt?: number;
}

export class TestPod implements Disposable {
  readonly uid: string;
  readonly sandboxId: string;
  readonly #channel: GrpcChannel;
  readonly #config: object;
  readonly #options: PodOptions;

  static async start(socket: string, options: PodOptions): Promise<TestPod> {
    // Only where there is somebody to talk to: it takes a second to load in an emulated machine, which has nobody.
    const { GrpcChannel } = await import("#receiver/containers/sources/grpc-channel.ts");
    const channel = new GrpcChannel(socket, new URL("cri-pods.proto", import.meta.url));
    const uid = randomUUID();
    const config = podConfig(options, uid);
    const { podSandboxId } = await call<{ podSandboxId: string }>(channel, "RunPodSandbox", { config });
    return new TestPod(channel, { uid, sandboxId: podSandboxId, config, options });
  }

  private constructor(
    channel: GrpcChannel,
    made: { uid: string; sandboxId: string; config: object; options: PodOptions },
  ) {
    this.#channel = channel;
    this.uid = made.uid;
    this.sandboxId = made.sandboxId;
    this.#config = made.config;
    this.#options = made.options;
  }

  /** Answers the id of the container. */
  async startContainer({ name, command, memoryLimitBytes = 0, attempt = 0 }: PodContainer): Promise<string> {
    const { containerId } = await call<{ containerId: string }>(this.#channel, "CreateContainer", {
      podSandboxId: this.sandboxId,
      sandboxConfig: this.#config,
      config: {
        metadata: { name, attempt },
        image: { image: `${IMAGE_NAME}:${IMAGE_TAG}` },
        command,
        labels: {
          "io.kubernetes.container.name": name,
          "io.kubernetes.pod.name": this.#options.name,
          "io.kubernetes.pod.namespace": "shop",
          "io.kubernetes.pod.uid": this.uid,
        },
        annotations: { "io.kubernetes.container.restartCount": String(attempt) },
        linux: {
          resources: { memoryLimitInBytes: memoryLimitBytes },
          securityContext: { namespaceOptions: networkOf(this.#options) },
        },
      },
    });
    await call(this.#channel, "StartContainer", { containerId });
    return containerId;
  }

  [Symbol.dispose](): void {
    this.#channel.close();
  }
}

function podConfig(options: PodOptions, uid: string): object {
  const { name, labels = {}, cgroupParent } = options;
  return {
    metadata: { name, uid, namespace: "shop", attempt: 0 },
    labels: {
      ...labels,
      "io.kubernetes.pod.name": name,
      "io.kubernetes.pod.namespace": "shop",
      "io.kubernetes.pod.uid": uid,
    },
    linux: {
      cgroupParent: `${cgroupParent}/kubepods/burstable/pod${uid}`,
      securityContext: { namespaceOptions: networkOf(options) },
    },
  };
}

function networkOf({ hostNetwork = false }: PodOptions): object {
  return { network: hostNetwork ? NODE_NETWORK : 0 };
}

function call<Response>(channel: GrpcChannel, name: string, request: object): Promise<Response> {
  return channel.call<Response>(
    {
      method: `${RUNTIME}${name}`,
      request: `pods.${name}Request`,
      response: `pods.${name}Response`,
    },
    request,
    { signal: AbortSignal.timeout(30_000) },
  );
}
