using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Commands;

/// <summary><c>./run --demo</c>, when two weeks of sample visits are stored and a live visitor is on.</summary>
public sealed class DemoCluster : IAsyncLifetime
{
    private Cluster? _cluster;
    private NpgsqlDataSource? _reader;

    public Cluster Cluster => _cluster!;

    /// <summary>The key of the demo's project.</summary>
    public string ApiKey { get; private set; } = "";

    /// <summary>The demo project's SQL login.</summary>
    public NpgsqlDataSource Reader => _reader!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await Cluster.Launch(new ClusterPlan { Name = "demo", Demo = true });
        JsonNode secrets = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_cluster.Data, "secrets.json")))!;
        ApiKey = (string)secrets["demo_api_key"]!;
        _reader = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_cluster.Ready.PostgresReader)
        {
            Username = "sessions_reader_demo",
            Password = (string?)secrets["demo_reader_password"],
        });
        await Wait.For(
            async () => await _reader.CreateCommand(
                "select count(distinct start_timestamp::date) >= 14 and bool_or(status = 'live') from sessions").ExecuteScalarAsync() is true,
            () => $"No two weeks of visits and somebody who is on now.{Environment.NewLine}{_cluster.Output}",
            TimeSpan.FromMinutes(3));
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
}
