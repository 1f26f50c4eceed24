using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Host.Supervision;

/// <summary>One of the processes that a supervisor looks after.</summary>
internal sealed record ProcessEntry(
    [property: JsonPropertyName("role")] string Role,
    [property: JsonPropertyName("pid")] int Pid,
    [property: JsonPropertyName("name")] string Name);

/// <summary>Where one of the processes shows its metrics.</summary>
/// <param name="Name">The process' name.</param>
/// <param name="Address">What Prometheus asks.</param>
internal sealed record MetricsEntry(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("address")] string Address);

/// <summary>What a backend needs that calls the grains itself.</summary>
/// <param name="ClusterId">Orleans' cluster id: made of the data directory, so that no stranger joins.</param>
/// <param name="ServiceId">Orleans' service id.</param>
/// <param name="Invariant">The database provider that Orleans' clustering is told.</param>
/// <param name="ConnectionString">Where the silos are registered.</param>
/// <param name="Project">The id of the project that is there from the beginning.</param>
/// <param name="Tls">What a backend on this machine shows and trusts; null where the cluster speaks without TLS.</param>
internal sealed record ClusterEntry(
    [property: JsonPropertyName("cluster_id")] string ClusterId,
    [property: JsonPropertyName("service_id")] string ServiceId,
    [property: JsonPropertyName("invariant")] string Invariant,
    [property: JsonPropertyName("connection_string")] string ConnectionString,
    [property: JsonPropertyName("project")] string Project,
    [property: JsonPropertyName("tls"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TlsEntry? Tls = null);

/// <summary>The files with which one takes part in a cluster that speaks TLS; all are PEM.</summary>
/// <param name="Certificate">One's own certificate.</param>
/// <param name="Key">Its key.</param>
/// <param name="Authority">Who has signed everybody's.</param>
internal sealed record TlsEntry(
    [property: JsonPropertyName("certificate")] string Certificate,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("authority")] string Authority);

/// <summary>All that somebody needs who wants to use what runs; the ready file's content.</summary>
internal sealed record ReadyFile
{
    // A connection string's quotes are to be readable; nobody puts this file into a web page.
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

    /// <summary>Where a supervisor keeps one for commands on the same data directory.</summary>
    public static string In(string data) => Path.Combine(data, "running.json");

    /// <summary>Reads it back; null when there is none.</summary>
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

    /// <summary>Writes it in one step: whoever waits for the file finds it whole.</summary>
    public void Write(string path)
    {
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        PrivateFile.Write(full, JsonSerializer.Serialize(this, Format));
    }
}
