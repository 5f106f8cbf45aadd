# Never built on the machines Kerntel is developed on, which reach no image registry; test/packaging.test.ts holds
# these steps against `make setup` instead.
#
#   docker build -t kerntel .
#   docker run --network host --cgroupns host --pid host \
#     --cap-drop ALL --cap-add BPF --cap-add PERFMON --cap-add SYSLOG \
#     -v /sys/kernel/tracing:/sys/kernel/tracing:ro -v /etc/machine-id:/etc/machine-id:ro \
#     -v kerntel:/var/lib/kerntel kerntel
#
# With -v /run/kerntel:/run/kerntel commands on the host ask it too; for the group kerntel of the host, that group and
# its number have to be in the image's /etc/group, and --group-add.
#
# BPF and PERFMON load and attach; SYSLOG shows the addresses behind kernel stacks. The host's network, so that
# Prometheus finds 127.0.0.1:9464; the host's cgroups and pids, so that the ids in the records are the host's. Docker
# mounts /sys read-only, which is enough: BTF and cgroups are read there. Before Linux 5.17 seccomp of older Docker
# versions refuses bpf(); then --security-opt seccomp=unconfined.

FROM debian:12 AS build
WORKDIR /kerntel
COPY . .
RUN setup/install.sh image

FROM debian:12-slim
WORKDIR /kerntel
COPY setup/debian-run.txt setup/
RUN apt-get update -qq \
 && sed 's/#.*//' setup/debian-run.txt | xargs apt-get install -y -qq --no-install-recommends \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /kerntel/package.json /kerntel/kerntel /kerntel/LICENSE ./
COPY --from=build /kerntel/LICENSES LICENSES
COPY --from=build /kerntel/node_modules node_modules
COPY --from=build /kerntel/build/program build/program
COPY --from=build /kerntel/bpf bpf
COPY --from=build /kerntel/events events
COPY --from=build /kerntel/exporters exporters
COPY --from=build /kerntel/otel-config otel-config
COPY --from=build /kerntel/receiver receiver
COPY --from=build /kerntel/setup/node setup/node
VOLUME /var/lib/kerntel
ENTRYPOINT ["/kerntel/kerntel", "run"]
