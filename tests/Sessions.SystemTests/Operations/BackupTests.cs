using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Operations;

/// <summary>Backup and restore with the commands of docs/operations.md, which are read from there.</summary>
[Collection(Lane.Started)]
public sealed partial class BackupTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_dump_taken_under_traffic_restores_to_a_complete_cluster_that_continues()
    {
        await using Cluster old = await Cluster.Launch(new ClusterPlan { Name = "backed-up", Silos = 2, Gateways = 1 });
        using Gateway gateway = old.Gateway();
        string live = Events.NewDistinctId("live"), anonymous = Events.NewDistinctId("anon"), session = Events.NewSessionId();
        using CancellationTokenSource stop = new();
        Writers writers = new([gateway], visitors: 6, seed: 5);
        Task traffic = writers.Send(stop.Token);
        await writers.HaveAcknowledged(1_000, traffic, Bound);
        await gateway.Track(
            Events.Event("$pageview", anonymous, session),
            Events.Event("$identify", live, session, properties: ("$anon_distinct_id", anonymous)));
        Guid[] before = [.. writers.Acknowledged.Keys];
        using TempFolder folder = new();
        string[] commands = Commands();

        await Run(commands[0], folder.Path, Way(new NpgsqlConnectionStringBuilder(old.Ready.Postgres)));
        await writers.HaveAcknowledged(writers.Acknowledged.Count + 200, traffic, Bound);
        await stop.CancelAsync();
        await traffic;

        await using OwnPostgres server = await OwnPostgres.Launch();
        await server.Execute("drop database sessions");
        NpgsqlConnectionStringBuilder owner = new(server.ConnectionString());
        await Run(commands[1], folder.Path, Way(owner));
        NpgsqlConnectionStringBuilder ours = new(owner.ConnectionString) { Username = "sessions", Password = "choose one", Database = "sessions" };
        await Run(commands[2], folder.Path, Way(ours));
        // The old one goes on meanwhile: a restore is rehearsed on another server.
        await using Cluster restored = await Cluster.Launch(new ClusterPlan
        {
            Name = "restored",
            Silos = 2,
            Gateways = 1,
            Postgres = ours.ConnectionString,
            SecretsOf = old.Data,
        });
        using Gateway again = restored.Gateway();

        Assert.Equal((old.Ready.ProjectToken, old.Ready.ApiKey), (restored.Ready.ProjectToken, restored.Ready.ApiKey));
        HashSet<Guid> stored = [.. (await Books.EventsOf(restored.Reader)).Select(one => one.EventId)];
        Assert.Superset(before.ToHashSet(), stored);
        JsonObject ended = await Wait.For(
            async () => await again.Session(session) is { } now && (string?)now["status"] == "ended" ? now : null, "the live session did not end", Bound);
        Assert.Equal(("idle", 2), ((string?)ended["end_reason"], (int?)ended["$event_count"]));
        await Wait.For(async () => await Live(restored) == 0, "sessions that were live in the dump did not end", Bound);
        await again.Track(Events.Event("$pageview", live, session));
        Assert.Equal((3, "live"), ((int?)(await again.SessionWith(session, 3))["$event_count"], (string?)(await again.Session(session))!["status"]));
        await Books.AddUp(restored.Reader, session);
        // Two clusters that once were one know nothing of each other.
        Assert.Equal(2, (int?)(await gateway.Session(session))!["$event_count"]);
    }

    private static async Task<long> Live(Cluster cluster)
    {
        await using NpgsqlCommand count = cluster.Reader.CreateCommand("select count(*) from sessions where status = 'live'");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    /// <summary>The commands of the chapter, in their order.</summary>
    private static string[] Commands()
    {
        string docs = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));
        string chapter = docs.Split("## Backup and restore", 2)[1].Split("\n## ", 2)[0];
        string[] commands = [.. Blocks().Matches(chapter).Select(match => match.Groups[1].Value)];
        Assert.Equal(4, commands.Length); // the last starts the program, as the test does
        return commands;
    }

    private static Dictionary<string, string> Way(NpgsqlConnectionStringBuilder way) => new()
    {
        ["PGHOST"] = way.Host!,
        ["PGPORT"] = $"{way.Port}",
        ["PGUSER"] = way.Username!,
        ["PGPASSWORD"] = way.Password ?? "",
        ["PGDATABASE"] = way.Database!,
    };

    private static async Task Run(string commands, string folder, Dictionary<string, string> environment)
    {
        ProcessStartInfo start = new("bash", ["-euo", "pipefail", "-c", commands])
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("bash could not be started.");
        Task<string> said = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Bound);
        Assert.True(process.ExitCode == 0, $"{commands}\nended with {process.ExitCode}: {await said}{await errors}");
    }

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
