using System.ComponentModel.DataAnnotations;
using System.Net;
using Sessions.Host.Configuration;

namespace Sessions.Host.Telemetry;

/// <summary>Metrics and traces of one process; section <c>Telemetry</c>.</summary>
internal sealed class TelemetrySettings
{
    public const string Section = "Telemetry";

    /// <summary>The address on which <see cref="Port"/> is open. Default loopback.</summary>
    [Required, IPAddressText]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>
    /// The port that serves <c>/metrics</c>, <c>/health/live</c> and <c>/health/ready</c>, apart from the public one.
    /// Default 0, which opens none.
    /// </summary>
    [Range(0, IPEndPoint.MaxPort)]
    public int Port { get; set; }

    /// <summary>
    /// The address to which the process sends metrics and traces by OTLP, for example <c>http://collector:4317</c>.
    /// Default: none.
    /// </summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary>
    /// The share of requests that are traced, 0 to 1, when OTLP is on. Default 0.01, because a trace costs more than
    /// an event.
    /// </summary>
    [Range(0, 1.0)]
    public double TraceShare { get; set; } = 0.01;

    /// <summary>
    /// The format of logs: <c>Text</c>, a line for people, the default; or <c>Json</c>, an object a line.
    /// </summary>
    public LogFormat LogFormat { get; set; } = LogFormat.Text;

    /// <summary>Whether the process creates spans.</summary>
    public bool Traces => !string.IsNullOrEmpty(OtlpEndpoint) && TraceShare > 0;

    /// <summary>The settings of a process.</summary>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static TelemetrySettings Read(IConfiguration configuration)
    {
        TelemetrySettings settings = configuration.Read<TelemetrySettings>(Section);
        return string.IsNullOrEmpty(settings.OtlpEndpoint) || Uri.TryCreate(settings.OtlpEndpoint, UriKind.Absolute, out _)
            ? settings
            : throw new ConfigurationException($"{Section}:OtlpEndpoint: '{settings.OtlpEndpoint}' is not an address like http://collector:4317");
    }
}
