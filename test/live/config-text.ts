/** The configuration of a program that a test starts. `sections`: whole ones of the file. */
export function configText(stateDirectory: string, port: number, events: string, sections: string): string {
  const readers = sections.includes("meter_provider:")
    ? ""
    : `meter_provider:
  readers:
    - pull:
        exporter:
          prometheus/development:
            host: 127.0.0.1
            port: ${port}
`;
  return `file_format: "1.0"
${sections.replaceAll("PROMETHEUS_PORT", String(port))}
${readers}
distribution:
  kerntel:
    state_directory: ${stateDirectory}
${events === "" ? "" : `    events:\n${events}\n`}`;
}
