namespace Sessions.SystemTests.Harness;

/// <summary>How a test wants <c>./run</c> to be started.</summary>
public sealed record ClusterPlan
{
    /// <summary>Names the cluster in the logs under artifacts/system-tests.</summary>
    public required string Name { get; init; }

    public int Silos { get; init; }

    public int Gateways { get; init; }

    /// <summary>The shortest idle timeout there is, so that tests see sessions end.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether the demo adds sample visitors.</summary>
    public bool Demo { get; init; }

    /// <summary>A server that it is to use instead of a private one.</summary>
    public string? Postgres { get; init; }

    /// <summary>Another cluster's data directory, whose secrets it is to have: it takes that one's place.</summary>
    public string? SecretsOf { get; init; }

    /// <summary>Settings as an operator gives them: environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The arguments that make it what it is to be.</summary>
    public IEnumerable<string> Arguments =>
    [
        .. Silos == 0 ? Array.Empty<string>() : ["--silos", $"{Silos}", "--gateways", $"{Gateways}"],
        .. Demo ? ["--demo"] : Array.Empty<string>(),
        .. Postgres is null ? Array.Empty<string>() : ["--postgres", Postgres],
    ];
}
