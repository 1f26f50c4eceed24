using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Sessions.SystemTests.Docs;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>The commands <c>./run projects</c>, as the documentation has them, on a cluster of processes.</summary>
[Collection(Lane.Shared)]
public sealed partial class ProjectsCommandTests(SharedCluster shared)
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_documented_commands_make_change_and_delete_a_project()
    {
        Cluster cluster = await shared.Started;
        CommandBlock block = CommandBlock.Of("docs/projects.md").Single(one => one.Text.StartsWith("./run projects make", StringComparison.Ordinal));
        Dictionary<string, string> said = [];
        foreach (string line in block.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = [.. Word().Matches(line).Select(word => word.Value.Trim('"'))];
            if (words[2] == "archive")
            {
                // A live session with a reminder is in the project when it is deleted.
                string token = Regex.Match(said["make"], "project token +(\\S+)").Groups[1].Value;
                Assert.All(
                    await Task.WhenAll(Enumerable.Range(0, cluster.Ready.Gateways.Count).Select(n => Send(cluster.Ready.Gateways[n], token))),
                    status => Assert.Equal(HttpStatusCode.OK, status));
            }

            said[words[2]] = await Run(cluster, words[1..]);
        }

        Assert.Contains("made project shop-us", said["make"], StringComparison.Ordinal);
        Assert.Matches("(?m)^shop-us +[0-9-]{10}  open      Shop US$", said["list"]);
        Assert.Contains("is being deleted", said["delete"], StringComparison.Ordinal);
        await Wait.ForNothingWrong(() => Left(cluster), "the project is not gone:", Bound);
        Assert.Contains("made project shop-us", await Run(cluster, ["projects", "make", "shop-us"]), StringComparison.Ordinal);
        await Run(cluster, ["projects", "delete", "shop-us", "--confirm", "shop-us"]);
    }

    private static async Task<IReadOnlyList<string>> Left(Cluster cluster)
    {
        await using NpgsqlCommand left = cluster.Operator.CreateCommand(
            """
            select 'the row' from tracking.projects where project = 'shop-us'
            union all select 'a session' from tracking.sessions where project = 'shop-us'
            union all select 'a reminder' from orleans.orleansreminderstable where starts_with(grainid, 'device/shop-us~')
            union all select 'settings' from orleans.orleansstorage where grainidextensionstring = 'project~shop-us'
            union all select 'a login' from pg_roles where rolname = 'sessions_reader_shop-us'
            """);
        List<string> found = [];
        await using NpgsqlDataReader reader = await left.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    private static async Task<HttpStatusCode> Send(Uri gateway, string token)
    {
        using HttpClient sdk = new() { BaseAddress = gateway };
        using HttpResponseMessage answer = await sdk.PostAsJsonAsync(
            "/e/", new { api_key = token, @event = "$pageview", distinct_id = Events.NewDistinctId("shop"), uuid = Guid.NewGuid() });
        return answer.StatusCode;
    }

    private static async Task<string> Run(Cluster cluster, string[] arguments)
    {
        using Process run = RunProgram.Start([.. arguments, "--data", cluster.Data]);
        Task<string> said = run.StandardOutput.ReadToEndAsync();
        Task<string> errors = run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync().WaitAsync(Bound);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {run.ExitCode}: {await said}{await errors}");
        return await said;
    }

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();
}
