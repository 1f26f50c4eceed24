using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;

namespace Sessions.SystemTests.Harness;

/// <summary>A project of a test's own in a cluster that others use too: nothing is in it but what the test brought.</summary>
public sealed class OwnProject : IDisposable
{
    private static readonly TimeSpan Known = TimeSpan.FromMinutes(1);

    private OwnProject(string id, Gateway gateway) => (Id, Gateway) = (id, gateway);

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>Its admin's API key.</summary>
    public string Key => $"key-{Id}";

    /// <summary>A gateway, with the project's token and key.</summary>
    public Gateway Gateway { get; }

    /// <summary>Makes it, with the idle timeout that projects usually have.</summary>
    public static async Task<OwnProject> Create(Cluster cluster)
    {
        string id = $"t{Guid.NewGuid():N}";
        string key = $"key-{id}";
        await using (NpgsqlCommand insert = cluster.Operator.CreateCommand(
            "insert into tracking.projects (project, token, configured_token, api_key_sha256) values ($1, $2, $2, $3)"))
        {
            insert.Parameters.Add(new() { Value = id });
            insert.Parameters.Add(new() { Value = $"token-{id}" });
            insert.Parameters.Add(new() { Value = SHA256.HashData(Encoding.UTF8.GetBytes(key)) });
            await insert.ExecuteNonQueryAsync();
        }

        var project = new OwnProject(id, new Gateway(cluster.Ready.Gateways[0], $"token-{id}", key));
        await Wait.For(
            async () =>
            {
                using StringContent body = new("""{"idle_timeout_seconds":1800}""", Encoding.UTF8, "application/json");
                using HttpResponseMessage answer = await project.Gateway.Ask(HttpMethod.Put, "/api/project", body);
                return answer.StatusCode == HttpStatusCode.OK;
            },
            "the gateway does not come to know the project",
            Known);
        return project;
    }

    /// <summary>All sessions or events of the project.</summary>
    public async Task<IReadOnlyList<JsonObject>> Export(string what) =>
        [.. (await ExportText(what)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    /// <summary>The same as it was answered: a JSON object a line.</summary>
    public async Task<string> ExportText(string what)
    {
        using HttpResponseMessage answer = await Gateway.Ask(HttpMethod.Get, $"/api/export/{what}?format=ndjson");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>All sessions, as soon as they have that many events together: their rows are some seconds behind.</summary>
    public async Task<IReadOnlyList<JsonObject>> SessionsWith(long events)
    {
        IReadOnlyList<JsonObject> sessions = [];
        await Wait.For(
            async () =>
            {
                sessions = await Export("sessions");
                return sessions.Sum(session => (long)session["$event_count"]!) >= events;
            },
            () => $"{sessions.Count} sessions have {sessions.Sum(session => (long)session["$event_count"]!)} events, not {events}",
            Known);
        return sessions;
    }

    public void Dispose() => Gateway.Dispose();
}
