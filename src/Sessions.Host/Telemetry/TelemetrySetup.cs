using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Sessions.Columns;
using Sessions.Database.Server;
using Sessions.Database.Time;
using Sessions.Host.Tls;
using Sessions.Silo;
using Sessions.Silo.Journal;

namespace Sessions.Host.Telemetry;

/// <summary>Sets up the metrics and traces of a process, and where it sends them.</summary>
internal static class TelemetrySetup
{
    /// <summary>The path from which Prometheus reads.</summary>
    public const string MetricsPath = "/metrics";

    private static readonly string[] Meters =
    [
        BuildInfo.MeterName,
        "Sessions.Gateway",
        GrainMetrics.MeterName,
        ColumnsServices.MeterName,
        JournalMetrics.MeterName,
        ClockWatch.MeterName,
        ServerGauges.MeterName,
        CertificateWatch.MeterName,
        "Microsoft.Orleans",
        "Npgsql",
        "System.Runtime",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
    ];

    private static readonly string[] Sources =
    [
        "Microsoft.Orleans.Application",
        JournalMetrics.MeterName,
    ];

    /// <exception cref="Configuration.ConfigurationException">A setting is wrong.</exception>
    public static void AddTelemetry(this IHostApplicationBuilder builder, string role)
    {
        TelemetrySettings settings = TelemetrySettings.Read(builder.Configuration);
        builder.Services.AddHostedService<BuildInfo>();
        string instance = builder.Configuration["Silo:Name"] ?? $"{role}@{Environment.MachineName}:{Environment.ProcessId}";
        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                "orleans-sessions", serviceVersion: ProductVersion.Number, serviceInstanceId: instance))
            .WithMetrics(metrics => metrics.AddMeter(Meters).AddPrometheusExporter());
        if (!string.IsNullOrEmpty(settings.OtlpEndpoint))
        {
            Uri endpoint = new(settings.OtlpEndpoint);
            telemetry.WithMetrics(metrics => metrics.AddOtlpExporter(otlp => otlp.Endpoint = endpoint));
            if (settings.Traces)
            {
                telemetry.WithTracing(traces => traces
                    .AddSource(Sources)
                    .AddAspNetCoreInstrumentation()
                    .AddNpgsql()
                    .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(settings.TraceShare)))
                    .AddProcessor(new PersonalTags())
                    .AddOtlpExporter(otlp => otlp.Endpoint = endpoint));
            }
        }

        if (settings.Port > 0)
        {
            builder.Services.AddHostedService(provider => new TelemetryListener(
                settings, provider.GetRequiredService<MeterProvider>(), provider.GetService<SiloReady>()));
        }
    }
}
