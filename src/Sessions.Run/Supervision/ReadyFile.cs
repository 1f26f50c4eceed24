using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Run.Supervision;

/// <summary>A process that the supervisor started.</summary>
internal sealed record ProcessEntry(
    [property: JsonPropertyName("role")] string Role,
    [property: JsonPropertyName("pid")] int Pid,
    [property: JsonPropertyName("name")] string Name);

/// <summary>The address of a process's metrics.</summary>
/// <param name="Name">The process' name.</param>
/// <param name="Address">The address from which Prometheus reads.</param>
internal sealed record MetricsEntry(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("address")] string Address);

/// <summary>The settings of a backend that calls the grains itself.</summary>
/// <param name="ClusterId">
/// Orleans' cluster id. It is secret: silos refuse connections that name another one.
/// </param>
/// <param name="ServiceId">Orleans' service id.</param>
/// <param name="Invariant">The database provider of Orleans' clustering.</param>
/// <param name="ConnectionString">Where the silos are registered.</param>
/// <param name="Project">The id of the default project.</param>
/// <param name="Tls">The certificates of a backend on this machine; null when the cluster does not use TLS.</param>
internal sealed record ClusterEntry(
    [property: JsonPropertyName("cluster_id")] string ClusterId,
    [property: JsonPropertyName("service_id")] string ServiceId,
    [property: JsonPropertyName("invariant")] string Invariant,
    [property: JsonPropertyName("connection_string")] string ConnectionString,
    [property: JsonPropertyName("project")] string Project,
    [property: JsonPropertyName("tls"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TlsEntry? Tls = null);

/// <summary>The files with which a backend joins a cluster with TLS; all are PEM.</summary>
/// <param name="Certificate">The backend's own certificate.</param>
/// <param name="Key">Its key.</param>
/// <param name="Authority">The issuer of all certificates.</param>
internal sealed record TlsEntry(
    [property: JsonPropertyName("certificate")] string Certificate,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("authority")] string Authority);

/// <summary>The ready file's content: everything that is needed to use the running cluster.</summary>
internal sealed record ReadyFile
{
    // The quotes in connection strings stay readable; this file is never part of a web page.
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [JsonPropertyName("gateways")]
    public required IReadOnlyList<string> Gateways { get; init; }

    [JsonPropertyName("project_token")]
    public required string ProjectToken { get; init; }

    [JsonPropertyName("api_key")]
    public required string ApiKey { get; init; }

    [JsonPropertyName("operator_key")]
    public required string OperatorKey { get; init; }

    [JsonPropertyName("postgres")]
    public required string Postgres { get; init; }

    [JsonPropertyName("postgres_reader")]
    public required string PostgresReader { get; init; }

    [JsonPropertyName("processes")]
    public required IReadOnlyList<ProcessEntry> Processes { get; init; }

    [JsonPropertyName("cluster")]
    public required ClusterEntry Cluster { get; init; }

    [JsonPropertyName("metrics")]
    public required IReadOnlyList<MetricsEntry> Metrics { get; init; }

    /// <summary>The path of the copy that a supervisor keeps for commands on the same data directory.</summary>
    public static string In(string data) => Path.Combine(data, "running.json");

    /// <summary>Reads the file; null when there is none.</summary>
    public static ReadyFile? TryRead(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ReadyFile>(File.ReadAllText(path));
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads the file of the <c>./run</c> that is active on a data directory.</summary>
    /// <exception cref="InvalidOperationException">None is active there.</exception>
    public static ReadyFile OfRunning(string data)
    {
        string full = Path.GetFullPath(data);
        return TryRead(In(full)) ?? throw new InvalidOperationException($"no ./run is active on {full}; start ./run first, with the same --data");
    }

    /// <summary>Writes the file in one step, so that a reader never finds a part of it.</summary>
    public void Write(string path)
    {
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        PrivateFile.Write(full, JsonSerializer.Serialize(this, Format));
    }
}
