using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Samples.GameBackend;

/// <summary>How a backend finds the cluster: the object <c>cluster</c> of the file that <c>./run --ready-file</c> writes.</summary>
internal sealed record ClusterAccess(
    [property: JsonPropertyName("cluster_id")] string ClusterId,
    [property: JsonPropertyName("service_id")] string ServiceId,
    [property: JsonPropertyName("invariant")] string Invariant,
    [property: JsonPropertyName("connection_string")] string ConnectionString,
    [property: JsonPropertyName("project")] string Project,
    [property: JsonPropertyName("tls")] TlsFiles? Tls)
{
    public static ClusterAccess Read(string readyFile)
    {
        using JsonDocument ready = JsonDocument.Parse(File.ReadAllBytes(readyFile));
        return ready.RootElement.GetProperty("cluster").Deserialize<ClusterAccess>()!;
    }
}
