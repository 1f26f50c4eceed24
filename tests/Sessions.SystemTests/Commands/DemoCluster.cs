using System.Text.RegularExpressions;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Commands;

/// <summary><c>./run --demo</c>, when two weeks of made-up visits are in and somebody is on.</summary>
public sealed partial class DemoCluster : IAsyncLifetime
{
    private Cluster? _cluster;
    private NpgsqlDataSource? _reader;

    public Cluster Cluster => _cluster!;

    /// <summary>The key that it printed for the demo's project.</summary>
    public string ApiKey { get; private set; } = "";

    /// <summary>The demo project's SQL login.</summary>
    public NpgsqlDataSource Reader => _reader!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await Cluster.Launch(new ClusterPlan { Name = "demo", Demo = true });
        ApiKey = await Printed(DemoKey());
        _reader = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_cluster.Ready.PostgresReader)
        {
            Username = "sessions_reader_demo",
            Password = await Printed(DemoPassword()),
        });
        await Wait.For(
            async () => await _reader.CreateCommand(
                "select count(distinct start_timestamp::date) >= 14 and bool_or(status = 'live') from sessions").ExecuteScalarAsync() is true,
            "No two weeks of visits and somebody who is on now.",
            TimeSpan.FromMinutes(2));
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null)
        {
            await _reader.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    // It is printed after the ready file is written.
    private Task<string> Printed(Regex what) => Wait.For(
        () => Task.FromResult(what.Match(Cluster.Output) is { Success: true } found ? found.Value : null),
        $"./run --demo did not print {what}.",
        TimeSpan.FromSeconds(30));

    [GeneratedRegex("(?<=API key +)sk_demo\\w+")]
    private static partial Regex DemoKey();

    [GeneratedRegex("(?<=sessions_reader_demo:)\\w+(?=@)")]
    private static partial Regex DemoPassword();
}
