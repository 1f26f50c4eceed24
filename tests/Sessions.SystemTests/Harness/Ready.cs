using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.SystemTests.Harness;

/// <summary>What <c>./run</c> writes to its ready file.</summary>
public sealed record Ready(
    [property: JsonPropertyName("gateways")] IReadOnlyList<Uri> Gateways,
    [property: JsonPropertyName("project_token")] string ProjectToken,
    [property: JsonPropertyName("api_key")] string ApiKey,
    [property: JsonPropertyName("operator_key")] string OperatorKey,
    [property: JsonPropertyName("postgres")] string Postgres,
    [property: JsonPropertyName("postgres_reader")] string PostgresReader,
    [property: JsonPropertyName("processes")] IReadOnlyList<RunningProcess> Processes,
    [property: JsonPropertyName("metrics")] IReadOnlyList<MetricsAddress> Metrics)
{
    /// <summary>Reads the file; null when it is not there yet, or not whole.</summary>
    public static Ready? TryRead(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Ready>(File.ReadAllText(file));
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null;
        }
    }

    public IEnumerable<RunningProcess> OfRole(string role) => Processes.Where(process => process.Role == role);
}

/// <summary>One line of the ready file's list of processes.</summary>
public sealed record RunningProcess(
    [property: JsonPropertyName("role")] string Role,
    [property: JsonPropertyName("pid")] int Pid,
    [property: JsonPropertyName("name")] string Name);

/// <summary>Where a process shows its metrics.</summary>
public sealed record MetricsAddress(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("address")] Uri Address);
