using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api.Persons;

/// <summary>What visitors of a project of its own do, and what its owner then finds.</summary>
internal sealed class PersonStory : IDisposable
{
    private readonly TestGateway _gateway;
    private readonly HttpClient _sdk;

    public PersonStory(TestGateway gateway)
    {
        _gateway = gateway;
        Project = gateway.NextProject();
        _sdk = gateway.Program(null);
        Admin = gateway.Program(Project.ApiKey);
    }

    public TestGateway.Project Project { get; }

    public HttpClient Admin { get; }

    /// <summary>An event as an SDK sends it, just now.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="distinctId">Who sends it.</param>
    /// <param name="other">Its <c>$anon_distinct_id</c> or <c>alias</c>; null for none.</param>
    /// <param name="device">The device's id; null for none.</param>
    /// <param name="time">When the sender says that it happened.</param>
    public static JsonObject Event(
        string name, JsonNode? distinctId, JsonNode? other = null, string? device = null, DateTimeOffset? time = null)
    {
        JsonObject properties = new() { ["$ignore_sent_at"] = true };
        if (other is not null)
        {
            properties[name == "$identify" ? "$anon_distinct_id" : "alias"] = other;
        }

        if (device is not null)
        {
            properties["$device_id"] = device;
        }

        return new JsonObject
        {
            ["uuid"] = Guid.CreateVersion7().ToString(),
            ["event"] = name,
            ["distinct_id"] = distinctId,
            ["timestamp"] = (time ?? TimeProvider.System.GetUtcNow()).ToString("O"),
            ["properties"] = properties,
        };
    }

    /// <summary>Sends events in one request, and returns the warnings as <c>index reason</c>.</summary>
    public async Task<IReadOnlyList<string>> Send(params JsonObject[] events)
    {
        JsonObject body = new() { ["api_key"] = Project.Token, ["batch"] = new JsonArray([.. events]) };
        using HttpResponseMessage answer = await _sdk.PostAsync(
            "/batch/", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
        JsonNode said = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Null(said["dropped"]);
        return [.. (said["warnings"]?.AsArray() ?? []).Select(warning => $"{warning!["index"]} {warning["reason"]}")];
    }

    /// <summary>The ids of the person that has one.</summary>
    public async Task<string> IdsOf(string id) => string.Join(' ', Ids(await Person(id)));

    public async Task<JsonNode> Person(string id) =>
        JsonNode.Parse(await Admin.GetStringAsync($"/api/persons?distinct_id={Uri.EscapeDataString(id)}"))!;

    /// <summary>The names and ids of the events in a person's export.</summary>
    public async Task<IReadOnlyList<string>> Export(string id) =>
    [
        .. (await Admin.GetStringAsync($"/api/persons/{Uri.EscapeDataString(id)}/export"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!)
            .Where(line => (string)line["type"]! == "event")
            .Select(line => $"{line["event"]!["event"]} {line["event"]!["distinct_id"]}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Deletes a person, and returns the ids and how many events went.</summary>
    public async Task<(string Ids, int Events)> Delete(string id)
    {
        using HttpResponseMessage answer = await Admin.DeleteAsync($"/api/persons/{Uri.EscapeDataString(id)}");
        JsonNode asked = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        JsonNode done = await PersonApiTests.Finished(Admin, (string)asked["id"]!);
        return (string.Join(' ', Ids(asked)), (int)done["events"]!);
    }

    /// <summary>How many visitors there were, by sessions or by an event.</summary>
    public async Task<int> Visitors(string? ofEvent = null)
    {
        using HttpResponseMessage answer = await Admin.PostAsJsonAsync("/api/query", new
        {
            date_from = "-1d",
            interval = (string?)null,
            series = new[] { new { @event = ofEvent, math = "unique_users" } },
        });
        return (int)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["results"]![0]!["value"]!;
    }

    /// <summary>Waits until sessions' rows have all events: they are some seconds behind.</summary>
    public async Task<PersonStory> Settled()
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await using Npgsql.NpgsqlCommand ask = _gateway.Database.CreateCommand(
                """
                select not exists (
                    select
                    from   tracking.sessions s
                    where  s.project = $1 and s.number <> (
                               select max(j.number) from tracking.journal j where j.project = s.project and j.session_id = s.session_id))
                """);
            ask.Parameters.Add(new() { Value = Project.Id });
            if ((bool)(await ask.ExecuteScalarAsync())!)
            {
                return this;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1), "The rows were not written within a minute.");
        }
    }

    public void Dispose()
    {
        _sdk.Dispose();
        Admin.Dispose();
    }

    private static IEnumerable<string> Ids(JsonNode person) =>
        person["distinct_ids"]!.AsArray().Select(id => (string)id!).Order(StringComparer.Ordinal);
}
