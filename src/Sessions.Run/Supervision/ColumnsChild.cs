using System.Globalization;
using Sessions.Columns;
using Sessions.Columns.Asking;
using Sessions.Host;
using Sessions.Host.Configuration;
using Sessions.Host.Roles;
using Sessions.Host.Telemetry;
using Sessions.Run.Postgres;

namespace Sessions.Run.Supervision;

/// <summary>
/// The process that holds the columns, as a child. It is a process of its own even where all else is one: a question can
/// cost it its life.
/// </summary>
internal sealed class ColumnsChild : IDisposable
{
    private const int FirstTelemetryPort = 9_564;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SupervisedChild _child;
    private readonly string _postgres;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;

    private ColumnsChild(SupervisedChild child, string postgres, Action<string> say, TimeProvider time) =>
        (_child, _postgres, _say, _time) = (child, postgres, say, time);

    /// <summary>The process as it is now.</summary>
    public ProcessEntry Entry => _child.Entry;

    /// <summary>The address of its metrics.</summary>
    public MetricsEntry Metrics => new(Entry.Name, $"http://127.0.0.1:{_child.Settings["Telemetry__Port"]}{TelemetrySetup.MetricsPath}");

    /// <summary>The settings by which gateways find the process.</summary>
    public IReadOnlyDictionary<string, string> GatewaySettings { get; private init; } = new Dictionary<string, string>();

    /// <summary>Reads the configuration of the process.</summary>
    /// <exception cref="ConfigurationException">A file can't be read.</exception>
    public static ConfigurationManager ReadConfiguration()
    {
        ConfigurationManager configuration = new();
        configuration.AddRole(CommandLine.Columns);
        return configuration;
    }

    /// <summary>Makes the child, without starting it. Null when it is not enabled.</summary>
    /// <param name="data">The directory of all data.</param>
    /// <param name="postgres">The connection string.</param>
    /// <param name="clusterId">The cluster's secret id.</param>
    /// <param name="ports">The ports that the supervisor has taken.</param>
    /// <param name="changed">Called when the child is ready again after it died.</param>
    /// <param name="say">Prints a line for the user.</param>
    /// <param name="time">The clock.</param>
    public static ColumnsChild? Make(
        DataDirectory data,
        string postgres,
        string clusterId,
        ReservedPorts ports,
        Action changed,
        Action<string> say,
        TimeProvider time)
    {
        ConfigurationManager configuration = ReadConfiguration();
        if (!configuration.Read<ColumnsSettings>(ColumnsSettings.Section).Enabled)
        {
            return null;
        }

        string port = Text(ports.From(configuration.Read<ColumnsSettings>(ColumnsSettings.Section).Port));
        string secret = configuration[ColumnsRole.Secret] is { Length: > 0 } set ? set : ColumnsRole.SecretOf(clusterId);
        string directory = configuration[$"{ColumnsOptions.Section}:{nameof(ColumnsOptions.Directory)}"] ?? Path.Combine(data.Location, "columns");
        ChildSpec spec = new(CommandLine.Columns, CommandLine.Columns, new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = postgres,
            ["Columns__Directory"] = directory,
            ["Columns__Address"] = "127.0.0.1",
            ["Columns__Port"] = port,
            ["Columns__Secret"] = secret,
            ["Telemetry__Port"] = Text(ports.From(FirstTelemetryPort)),
        });
        return new ColumnsChild(new SupervisedChild(spec, data.Logs, say, time) { Revived = changed }, postgres, say, time)
        {
            GatewaySettings = new Dictionary<string, string>
            {
                [$"{ColumnsClientOptions.Section}:{nameof(ColumnsClientOptions.Urls)}"] = $"http://127.0.0.1:{port}",
                [ColumnsRole.Secret] = secret,
            },
        };
    }

    /// <summary>Starts the child and waits until it listens.</summary>
    /// <exception cref="ConfigurationException">The child reports that its configuration is wrong.</exception>
    public Task Start(CancellationToken cancel) => _child.Start(cancel);

    /// <summary>Stops the child.</summary>
    public async Task Stop()
    {
        using CancellationTokenSource over = new();
        await _child.Stop(Patience, StopPatience.WithProbe(_postgres, _say, _time, over.Token));
        await over.CancelAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _child.Dispose();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
